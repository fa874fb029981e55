import { createImageVerifier, parsePolicies } from '@verify-images/core'
import { expect, test } from 'vitest'
import { createSigningWorld, githubWorkflow, vulnerabilities } from '@verify-images/testing'
import '@verify-images/testing/vitest'

const { subject, issuer } = githubWorkflow({ repository: 'acme/app', ref: 'refs/tags/v1.0.0' })
const policy = JSON.stringify({
  apiVersion: 'kyverno.io/v1',
  kind: 'ClusterPolicy',
  metadata: { name: 'released' },
  spec: {
    validationFailureAction: 'Enforce',
    background: false,
    rules: [
      {
        name: 'by-workflow',
        match: { any: [{ resources: { kinds: ['Pod'] } }] },
        verifyImages: [
          {
            imageReferences: ['registry.test/*'],
            attestors: [{ entries: [{ keyless: { subject, issuer, rekor: { url: 'https://rekor.sigstore.test' } } }] }],
          },
        ],
      },
    ],
  },
})

test('admits only images that our release workflow signed', async () => {
  const world = await createSigningWorld()
  const release = githubWorkflow({ repository: 'acme/app', ref: 'refs/tags/v1.0.0' })
  const verifier = createImageVerifier({
    policies: parsePolicies(policy),
    registry: world.registryClient(),
    trust: world.trust,
    clock: world.clock,
  })

  const app = world
    .image('registry.test/app:1')
    .signedKeylessly(release)
    .attestedKeylessly(release, vulnerabilities({ critical: 0 }))
  await expect(verifier.verifyImage(app.reference)).toBeAdmitted()

  const forged = world.image('registry.test/app:2').signedKeylessly(release, { flaw: 'untrusted-authority' })
  await expect(verifier.verifyImage(forged.reference)).toBeDeniedWith('ATTESTOR_CERTIFICATE_UNTRUSTED')

  await world.close()
})
