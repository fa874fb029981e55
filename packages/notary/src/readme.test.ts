import { createRegistryClient, createResponderFetch } from '@verify-images/registry-fetcher'
import { expect, test, vi } from 'vitest'
import { createRevocationChecker, createTrustPolicyVerifier, reasonsOf } from './index.ts'
import { certificates, startCorpusWorld } from './testing/corpus-world.ts'

test('runs the example of the README', async () => {
  const world = await startCorpusWorld()
  const { hosts } = world
  const rootPem = certificates('rsa-root')
  const trustPolicyJson = JSON.stringify({
    version: '1.0',
    trustPolicies: [
      {
        name: 'acme',
        registryScopes: ['registry.local:5000/app'],
        signatureVerification: { level: 'strict' },
        trustStores: ['ca:acme'],
        trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme'],
      },
    ],
  })
  const log = vi.spyOn(console, 'log').mockReturnValue()

  const verifier = createTrustPolicyVerifier({
    trustPolicy: { document: trustPolicyJson, trustStores: { ca: { acme: rootPem } } },
    revocation: createRevocationChecker({ fetch: createResponderFetch() }),
  })
  const source = createRegistryClient({ hosts }).openSession()
  const image = {
    reference: 'registry.local:5000/app:notation-jws',
    repository: 'registry.local:5000/app',
    tag: 'notation-jws',
  }
  const outcome = await verifier.verifyImage(image, { source, now: new Date('2026-11-25T00:00:00Z') })

  if (outcome.kind === 'accepted') console.log(outcome.digest, outcome.evidence.notary?.identity)
  else if (outcome.kind === 'skipped') console.log(`the statement ${outcome.statement} verifies nothing`)
  else console.log(outcome.kind, reasonsOf(outcome.failure)[0].message)

  expect(log).toHaveBeenCalledWith(
    'sha256:9584447490e7c044941cd2c61a41d16fd3ffb9e3570c7530db3434b179678714',
    'x509.subject: C=US, ST=WA, O=acme',
  )
  log.mockRestore()
  await world.close()
})
