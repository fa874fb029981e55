import type { RevocationAnswer, RevocationRequest } from '@verify-images/notary'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createArtifactCache } from './artifact-cache.ts'
import { createImageVerifier } from './create-image-verifier.ts'
import { readCorpusText, startCorpusRegistry } from './testing/corpus-registry.ts'
import { policyOf } from './testing/policies.ts'

let world: Awaited<ReturnType<typeof startCorpusRegistry>>
beforeAll(async () => {
  world = await startCorpusRegistry()
})
afterAll(() => world.close())

const policies = policyOf([
  {
    type: 'Notary',
    imageReferences: ['registry.local:5000/*'],
    attestors: [{ entries: [{ certificates: { cert: readCorpusText('registry/trust/notation/rsa-root.pem') } }] }],
  },
])

/** An image whose signer's certificate names a revocation list. */
async function judge(
  answer?: RevocationAnswer,
): Promise<{ readonly outcome: string; readonly codes: readonly string[]; readonly asked: readonly string[] }> {
  const asked: string[] = []
  const checkRevocation = async ({ certificate }: RevocationRequest): Promise<RevocationAnswer> => {
    asked.push(...certificate.crlUrls)
    return answer ?? { status: 'unknown', source: '', problem: 'nobody asked' }
  }
  const verifier = createImageVerifier({
    policies,
    registry: world.registry,
    clock: () => new Date('2026-11-25T00:00:00Z'),
    ...(answer && { revocation: { checkRevocation } }),
  })
  const { outcome, rules } = await verifier.verifyImage('registry.local:5000/app:notation-revoked')
  return { outcome, codes: rules.flatMap(({ reasons }) => reasons.map(({ code }) => code)), asked }
}

const unknown = { status: 'unknown', source: '', problem: 'no answer' } as const
const source = 'http://crl.corpus.test/notation-rsa.crl'

test('a certificate with a responder is accepted once the checker answers that it is not revoked', async () => {
  expect(await judge({ status: 'good', source })).toEqual({ outcome: 'accepted', codes: [], asked: [source] })
})

test('a revoked certificate is rejected', async () => {
  expect(await judge({ status: 'revoked', source })).toMatchObject({
    outcome: 'rejected',
    codes: expect.arrayContaining(['ATTESTOR_CERTIFICATE_REVOKED']) as unknown,
    asked: [source],
  })
})

test('a certificate with a responder is inconclusive without a checker', async () => {
  expect(await judge()).toMatchObject({
    outcome: 'inconclusive',
    codes: expect.arrayContaining(['ATTESTOR_REVOCATION_UNKNOWN']) as unknown,
    asked: [],
  })
})

test('a cache keeps no revocation answer: a certificate that is revoked later is rejected then', async () => {
  const cache = createArtifactCache({ maxTagAgeMs: 3_600_000, maxListingAgeMs: 3_600_000 })
  let status: RevocationAnswer['status'] = 'good'
  const verifier = createImageVerifier({
    policies,
    cache,
    registry: world.registry,
    clock: () => new Date('2026-11-25T00:00:00Z'),
    revocation: { checkRevocation: () => Promise.resolve(status === 'unknown' ? unknown : { status, source }) },
  })
  const judged = async (): Promise<readonly unknown[]> => {
    const { outcome, requests } = await verifier.verifyImage('registry.local:5000/app:notation-revoked')
    return [outcome, requests.total > 0]
  }
  expect(await judged()).toEqual(['accepted', true])
  // The control: everything else is remembered.
  expect(await judged()).toEqual(['accepted', false])
  for (const [next, outcome] of [
    ['revoked', 'rejected'],
    ['unknown', 'inconclusive'],
    ['good', 'accepted'],
  ] as const) {
    status = next
    expect(await judged()).toEqual([outcome, false])
  }
})
