// How a team tests its own policy: a world of its own, images that should pass, images that should not.
import { createImageVerifier, parsePolicies } from '@verify-images/core'
import {
  createSigningWorld,
  githubWorkflow,
  vulnerabilities,
  type SigningWorld,
  type TestImage,
} from '@verify-images/testing'
import '@verify-images/testing/vitest'
import { afterAll, beforeAll, expect, test } from 'vitest'

const SCAN = vulnerabilities().type

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

async function verify(reference: string) {
  const verifier = createImageVerifier({
    policies: parsePolicies(policy(world.key('scanner').publicKey)),
    registry: world.registryClient(),
  })
  return verifier.verifyImage(reference)
}

test('an image without critical findings may run, pinned', async () => {
  const app = world.image('registry.test/app:1').attestedBy(world.key('scanner'), vulnerabilities({ critical: 0 }))
  expect(await verify(app.reference)).toMatchObject({
    admitted: true,
    status: 'pass',
    reference: `registry.test/app:1@${app.digest}`,
  })
})

test('an image with critical findings may not', async () => {
  const app = world.image('registry.test/app:2').attestedBy(world.key('scanner'), vulnerabilities({ critical: 3 }))
  const verdict = await verify(app.reference)
  expect(verdict).toMatchObject({ admitted: false, status: 'fail' })
  expect(verdict.denial).toContain('critical findings: 3')
})

test('a scan signed by another key does not count', async () => {
  const app = world.image('registry.test/app:3').attestedBy(world.key('mallory'), vulnerabilities({ critical: 0 }))
  await expect(verify(app.reference)).toBeDeniedWith('ATTESTOR_SIGNATURE_INVALID')
})

const release = githubWorkflow({ repository: 'acme/app', ref: 'refs/tags/v1.0.0' })
const releases = `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: released-images }
spec:
  validationFailureAction: Enforce
  background: false
  rules:
    - name: by-release-workflow
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['registry.test/*']
          attestors:
            - entries:
                - keyless:
                    issuer: ${release.issuer}
                    subject: https://github.com/acme/app/.github/workflows/release.yml@refs/tags/*
                    rekor: { url: https://rekor.sigstore.test }
`

test('only what the release workflow signed may run, and only by a certificate one trusts', async () => {
  const verifier = createImageVerifier({
    policies: parsePolicies(releases),
    registry: world.registryClient(),
    trust: world.trust,
    clock: world.clock,
  })
  const judge = async (image: TestImage) => verifier.verifyImage(image.reference)
  await expect(judge(world.image('registry.test/app:4').signedKeylessly(release))).toBeAdmitted()
  await expect(
    judge(world.image('registry.test/app:5').signedKeylessly(githubWorkflow({ repository: 'mallory/app' }))),
  ).toBeDeniedWith('ATTESTOR_IDENTITY_MISMATCH')
  await expect(
    judge(world.image('registry.test/app:6').signedKeylessly(release, { flaw: 'untrusted-authority' })),
  ).toBeDeniedWith('ATTESTOR_CERTIFICATE_UNTRUSTED')
  await expect(judge(world.image('registry.test/app:7').signedKeylessly(release, { log: 'none' }))).toBeDeniedWith(
    'ATTESTOR_LOG_ENTRY_MISSING',
  )
})
