// Keys that policies name and do not contain: `kms: hashivault://release`. This resolver reads them from a key service of
// one's own over HTTP; a resolver may as well use the SDK of a cloud.
import { createImageVerifier, parsePolicies, type ImageVerifier, type KeyResolver } from '@verify-images/core'
import type { RegistryClient } from '@verify-images/core'

/** Returns the policy of a team whose release key lives in Vault. */
export const POLICY = `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: signed-images }
spec:
  validationFailureAction: Enforce
  background: false
  rules:
    - name: signed-by-release-key
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['registry.test/*']
          attestors:
            - entries:
                - keys:
                    kms: hashivault://release
                    rekor: { ignoreTlog: true }
                    ctlog: { ignoreSCT: true }
`

/** Asks a service for `<url>/keys/<name>.pem`. What is not known is an error: an image is then not checked, and not admitted. */
export function keyService(url: string): KeyResolver {
  return {
    async resolveKey(source, signal) {
      if (source.kind !== 'kms' || source.provider !== 'hashivault') throw new Error('expected a key of hashivault')
      const [, name = ''] = /^hashivault:\/\/([\w-]+)$/.exec(source.uri) ?? []
      const response = await fetch(new URL(`/keys/${name}.pem`, url), { signal, redirect: 'error' })
      if (!response.ok) throw new Error(`the key service answered ${String(response.status)}`)
      return response.text()
    },
  }
}

export function createVerifier(keys: KeyResolver, registry: RegistryClient): ImageVerifier {
  return createImageVerifier({ policies: parsePolicies(POLICY), keys, registry })
}
