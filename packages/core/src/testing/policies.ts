import type { SigningKey } from '@verify-images/testing'
import { parsePolicies } from '../parse-policies.ts'
import type { Policy } from '@verify-images/policy-parser'

/** A key attestor that needs no log. */
export function keyAttestor({ publicKey }: Pick<SigningKey, 'publicKey'>): object {
  return { keys: { publicKeys: publicKey, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } }
}

export interface PolicyParts {
  readonly name?: string
  readonly spec?: object
  readonly rule?: object
  readonly kinds?: readonly string[]
}

/** A ClusterPolicy that enforces, with one rule of these `verifyImages` entries. */
export function policyOf(
  entries: readonly object[],
  { name = 'signed', spec = {}, rule = {}, kinds = ['Pod'] }: PolicyParts = {},
): readonly Policy[] {
  return parsePolicies(
    JSON.stringify({
      apiVersion: 'kyverno.io/v1',
      kind: 'ClusterPolicy',
      metadata: { name },
      spec: {
        validationFailureAction: 'Enforce',
        background: false,
        ...spec,
        rules: [{ name: 'check', match: { any: [{ resources: { kinds } }] }, ...rule, verifyImages: entries }],
      },
    }),
  )
}

/** An entry for all images of `registry.test`, signed by these keys. */
export function signedBy(keys: readonly Pick<SigningKey, 'publicKey'>[], entry: object = {}): object {
  return { imageReferences: ['registry.test/*'], attestors: [{ entries: keys.map(keyAttestor) }], ...entry }
}

export function podOf(...images: readonly string[]): {
  readonly apiVersion: 'v1'
  readonly kind: 'Pod'
  readonly metadata: Record<string, unknown>
  readonly spec: { readonly containers: readonly object[] }
} {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app', namespace: 'default' },
    spec: { containers: images.map((image, i) => ({ name: `c${String(i)}`, image })) },
  }
}
