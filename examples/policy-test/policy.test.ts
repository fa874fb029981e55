// How a team tests its own policy: a world of its own, images that should pass, images that should not.
import { createImageVerifier, parsePolicies } from '@verify-images/core'
import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const SCAN = 'https://cosign.sigstore.dev/attestation/vuln/v1'

const policy = (publicKey: string): string => `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: scanned-images }
spec:
  validationFailureAction: Enforce
  background: false
  rules:
    - name: no-critical-findings
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['registry.test/*']
          attestations:
            - type: ${SCAN}
              attestors:
                - entries:
                    - keys:
                        publicKeys: ${JSON.stringify(publicKey)}
                        rekor: { ignoreTlog: true }
                        ctlog: { ignoreSCT: true }
              conditions:
                - all:
                    - key: '{{ scanner.result.criticalCount }}'
                      operator: Equals
                      value: 0
                      message: 'critical findings: {{ scanner.result.criticalCount }}'
`

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
})
afterAll(() => world.close())

const scan = (criticalCount: number): object => ({ scanner: { result: { criticalCount } } })

async function verify(reference: string) {
  const verifier = createImageVerifier({ policies: parsePolicies(policy(world.key('scanner').publicKey)), registry: world.registryClient() })
  return verifier.verifyImage(reference)
}

test('an image without critical findings may run, pinned', async () => {
  const app = world.image('registry.test/app:1').attestedBy(world.key('scanner'), SCAN, scan(0))
  expect(await verify(app.reference)).toMatchObject({ admitted: true, status: 'pass', reference: `registry.test/app:1@${app.digest}` })
})

test('an image with critical findings may not', async () => {
  const app = world.image('registry.test/app:2').attestedBy(world.key('scanner'), SCAN, scan(3))
  const verdict = await verify(app.reference)
  expect(verdict).toMatchObject({ admitted: false, status: 'fail' })
  expect(verdict.denial).toContain('critical findings: 3')
})

test('a scan signed by somebody else says nothing', async () => {
  const app = world.image('registry.test/app:3').attestedBy(world.key('mallory'), SCAN, scan(0))
  expect(await verify(app.reference)).toMatchObject({ admitted: false, status: 'fail' })
})
