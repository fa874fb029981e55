import type { Json } from '@verify-images/policy-parser'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAttestorEvaluator } from '../attestor-evaluator.ts'
import { createMemorySource } from '@verify-images/testing/internal'
import { createStatedVerifier } from '../testing/stated-verifier.ts'
import { createEvaluationBudget, createVerificationMemo } from '@verify-images/primitives'

const scan = 'https://example.com/scan/v1'
const image = { reference: 'registry.test/app:1', repository: 'registry.test/app', tag: '1' }

type Kind = 'accepted' | 'rejected' | 'inconclusive'

/**
 * Returns the outcomes of one set of attestors: for signatures, attestations, and both nested in another set.
 */
async function kindsOf(keys: readonly string[], count?: number): Promise<readonly Kind[]> {
  const set = { entries: keys.map((publicKeys) => ({ keys: { publicKeys } })), ...(count !== undefined && { count }) }
  const nested = { entries: [{ attestor: set as unknown as Json }] }
  const statements = [{ type: scan, predicate: {} }]
  const evaluator = createAttestorEvaluator({ verifiers: [createStatedVerifier(statements)] })
  const run = {
    source: createMemorySource(),
    now: new Date(),
    signal: new AbortController().signal,
    memo: createVerificationMemo(),
    budget: createEvaluationBudget(),
  }
  const entry = { mutateDigest: true, verifyDigest: true, required: true, useCache: true }
  const kinds: Kind[] = []
  for (const attestors of [[set], [nested]]) {
    kinds.push((await evaluator.verifySignatures({ ...entry, attestors }, image, run)).kind)
    const attestations = [{ type: scan, attestors }]
    const judge = (): Promise<{ holds: true }> => Promise.resolve({ holds: true })
    kinds.push((await evaluator.verifyAttestations({ ...entry, attestations }, image, run, judge)).kind)
  }
  return kinds
}

test.each<[string, readonly string[], number | undefined, Kind]>([
  ['3 of 3 with one accepted, one inconclusive and one rejected', ['a', '?b', '!c'], 3, 'rejected'],
  ['all of 3 with the same', ['a', '?b', '!c'], undefined, 'rejected'],
  ['3 of 3 with one signer twice and one inconclusive', ['a', 'a', '?b'], 3, 'rejected'],
  ['2 of 3 with one signer twice and one inconclusive', ['a', 'a', '?b'], 2, 'inconclusive'],
  ['2 of 3 with one accepted, one inconclusive and one rejected', ['a', '?b', '!c'], 2, 'inconclusive'],
  ['1 of 3 with one accepted, one inconclusive and one rejected', ['!c', '?b', 'a'], 1, 'accepted'],
  ['2 of 2 with a network fault and a rejection', ['~gone', '!c'], 2, 'rejected'],
  ['1 of 2 with a network fault and a rejection', ['~gone', '!c'], 1, 'inconclusive'],
  ['3 of 2', ['a', 'b'], 3, 'rejected'],
])('decides %s alike for signatures, attestations and nested sets', async (_what, keys, count, kind) => {
  expect(await kindsOf(keys, count)).toEqual([kind, kind, kind, kind])
})

test('accepts with k distinct signers, rejects when k cannot be reached, and else is inconclusive', async () => {
  const entries = fc.array(fc.constantFrom('a', 'b', 'c', '!no', '?what'), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(entries, fc.integer({ min: 1, max: 5 }), async (keys, count) => {
      const distinct = new Set(keys.filter((key) => /^[a-c]$/.test(key))).size
      const inconclusive = keys.filter((key) => key.startsWith('?')).length
      const kind = distinct >= count ? 'accepted' : distinct + inconclusive < count ? 'rejected' : 'inconclusive'
      expect(await kindsOf(keys, count)).toEqual([kind, kind, kind, kind])
    }),
    { numRuns: 100 },
  )
})

test('never gets worse by one more accepted entry, and does not depend on the order', async () => {
  const rank = { rejected: 0, inconclusive: 1, accepted: 2 }
  const entries = fc.array(fc.constantFrom('a', 'b', '!no', '?what'), { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(entries, fc.integer({ min: 1, max: 4 }), async (keys, count) => {
      const [kind = 'rejected'] = await kindsOf(keys, count)
      const [more = 'rejected'] = await kindsOf([...keys, 'new'], count)
      expect(rank[more]).toBeGreaterThanOrEqual(rank[kind])
      expect((await kindsOf(keys.toReversed(), count))[0]).toBe(kind)
    }),
    { numRuns: 60 },
  )
})
