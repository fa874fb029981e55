import type { AttestorEntry, AttestorSet, ImageVerification } from '@verify-images/policy-parser'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '@verify-images/primitives'
import { createAttestorEvaluator } from '../attestor-evaluator.ts'
import { summarize, type Summary } from '../testing/summarize.ts'
import type { VerifiedSignature } from '../signature-verifier.ts'
import { createMemorySource } from '@verify-images/testing/internal'
import { createStatedVerifier } from '../testing/stated-verifier.ts'
import { createEvaluationBudget, createVerificationMemo } from '@verify-images/primitives'

const image = { reference: 'registry.test/app:1', repository: 'registry.test/app', tag: '1' }
const by = (publicKeys: string): AttestorEntry => ({ keys: { publicKeys } })
const set = (keys: readonly string[], count?: number): AttestorSet => ({
  entries: keys.map(by),
  ...(count !== undefined && { count }),
})

async function verify(
  attestors: readonly AttestorSet[],
  changes: Partial<ImageVerification> = {},
): Promise<Summary<VerifiedSignature> & { readonly asked: readonly string[] }> {
  const verifier = createStatedVerifier()
  const entry: ImageVerification = {
    attestors,
    mutateDigest: true,
    verifyDigest: true,
    required: true,
    useCache: true,
    ...changes,
  }
  const run = {
    source: createMemorySource(),
    now: new Date(),
    signal: new AbortController().signal,
    memo: createVerificationMemo(),
    budget: createEvaluationBudget(),
  }
  return {
    ...summarize(await createAttestorEvaluator({ verifiers: [verifier] }).verifySignatures(entry, image, run)),
    asked: verifier.asked,
  }
}

describe('k of n', () => {
  test.each([
    [['a', 'b', 'c'], 2, 'accepted'],
    [['a', '!no', 'c'], 2, 'accepted'],
    [['a', '!no', '!no'], 2, 'rejected'],
    [['a', 'b'], undefined, 'accepted'],
    [['a', '!no'], undefined, 'rejected'],
    [['a', '!no'], 0, 'rejected'],
    [['a', '?what', '!no'], 2, 'inconclusive'],
    [['a', '?what', '!no'], 3, 'rejected'],
    [['a', '?what'], 1, 'accepted'],
    [['a', 'b'], 3, 'rejected'],
    [['a'], -1, 'rejected'],
    [['a'], 0.5, 'rejected'],
    [[], undefined, 'rejected'],
    [[], 1, 'rejected'],
  ] as const)('%j with count %s: %s', async (keys, count, kind) => {
    expect((await verify([set(keys, count)])).kind).toBe(kind)
  })

  test('stops at the entry that fills the count', async () => {
    expect((await verify([set(['!no', 'a', 'b', 'c'], 1)])).asked).toEqual(['!no', 'a'])
  })

  test('one more accepted entry never makes a result worse, and order changes none', async () => {
    const rank = { rejected: 0, inconclusive: 1, accepted: 2 }
    const entries = fc.array(fc.constantFrom('a', 'b', 'c', '!no', '?what'), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(entries, fc.integer({ min: 1, max: 4 }), async (keys, count) => {
        const { kind } = await verify([set(keys, count)])
        expect(rank[(await verify([set([...keys, 'new'], count)])).kind]).toBeGreaterThanOrEqual(rank[kind])
        expect((await verify([set(keys.toReversed(), count)])).kind).toBe(kind)
      }),
      { numRuns: 60 },
    )
  })
})

describe('distinct signers', () => {
  test('one key listed twice is one', async () => {
    expect(await verify([set(['a', 'a'], 2)])).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_DUPLICATE_SIGNER', difference: 'S12', path: 'attestors[0]' }],
    })
    expect(await verify([set(['a', 'a', 'b'], 2)])).toMatchObject({ kind: 'accepted' })
  })

  test('an entry that two signed leaves one of them to the other entry', async () => {
    expect(await verify([set(['a,b', 'a'])])).toMatchObject({ kind: 'accepted' })
  })

  test('a nested set has a signer of its own', async () => {
    const nested: AttestorEntry = { attestor: { entries: [{ keys: { publicKeys: 'a' } }] } }
    expect(await verify([{ entries: [by('a'), nested] }])).toMatchObject({
      kind: 'rejected',
      reasons: [{ difference: 'S12' }],
    })
    expect(await verify([{ entries: [by('b'), nested] }])).toMatchObject({ kind: 'accepted' })
  })

  test('sets are independent', async () => {
    expect(await verify([set(['a']), set(['a'])])).toMatchObject({ kind: 'accepted', evidence: [{}, {}] })
  })
})

describe('messages', () => {
  test('messages name each entry that failed, keys taken apart', async () => {
    const two = '-----END PUBLIC KEY-----'
    const outcome = await verify([set([`!one${two}!two${two}`, '!three'])])
    expect(outcome).toMatchObject({
      summary: `verify-signatures(set(entry(one${two}), entry(two${two}), entry(three)))`,
      failure: {
        step: { image: 'registry.test/app:1' },
        failures: [
          { failures: [0, 1, 2].map((i) => ({ step: { path: `.attestors[0].entries[${i}]`, attestor: 'keys' } })) },
        ],
      },
      reasons: [
        { path: 'attestors[0].entries[0]' },
        { path: 'attestors[0].entries[0]' },
        { path: 'attestors[0].entries[1]' },
      ],
    })
  })

  test('messages name the set that does not hold', async () => {
    expect(await verify([set(['a']), set(['!no'])])).toMatchObject({
      summary: 'verify-signatures(set(entry(no)))',
      reasons: [{ path: 'attestors[1].entries[0]' }],
    })
  })

  test('messages go into nested sets', async () => {
    const nested = (attestor: Json): AttestorEntry => ({ attestor })
    expect(
      await verify([{ entries: [nested({ entries: [{ keys: { publicKeys: '!no' } }, { attestor: 'x' }] })] }]),
    ).toMatchObject({
      summary: 'verify-signatures(set(set(entry(no), malformed-nested-set)))',
    })
  })

  test('messages keep the network fault of an entry', async () => {
    const network = { failures: [{ failures: [{}, { failures: [{ detail: { kind: 'registry-transport' } }] }] }] }
    expect(await verify([set(['!no', '~gone'])])).toMatchObject({ kind: 'rejected', failure: network })
    expect(await verify([set(['!no', '?what'])])).toMatchObject({ kind: 'rejected' })
    expect(await verify([set(['!no', '?what'], 1)])).toMatchObject({ kind: 'inconclusive' })
  })
})

describe('an attestor without an identity', () => {
  test.each<[string, AttestorEntry, string]>([
    ['an entry with nothing', {}, 'S8'],
    ['a key that came out empty', { keys: { publicKeys: '' } }, 'S8'],
    ['certificates that came out empty', { certificates: { cert: '' } }, 'S8'],
    ['a keyless entry without identity', { keyless: { rekor: { url: 'x' } } }, 'crt-empty-identity'],
    [
      'a keyless entry with claims alone',
      { keyless: { additionalExtensions: { githubWorkflowRef: 'x' } } },
      'crt-empty-identity',
    ],
  ])('an attestor without an identity never passes: %s', async (_, entry, difference) => {
    expect(await verify([{ entries: [entry] }])).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_POLICY_INVALID', difference }],
    })
  })

  test('signs for a policy without attestors', async () => {
    expect(await verify([])).toMatchObject({ kind: 'rejected', summary: 'no-attestors' })
  })
})

test('rejects sets that are nested without end', async () => {
  let nested: Json = { entries: [{ keys: { publicKeys: 'a' } }] }
  for (let i = 0; i < 50; i++) nested = { entries: [{ attestor: nested }] }
  expect(await verify([{ entries: [{ attestor: nested }] }])).toMatchObject({
    kind: 'inconclusive',
    reasons: [{ code: 'ATTESTOR_LIMIT_EXCEEDED' }],
  })
})

test('is inconclusive for a type that no verifier knows', async () => {
  expect(await verify([set(['a'])], { type: 'Notary' })).toMatchObject({
    kind: 'rejected',
    reasons: [{ code: 'ATTESTOR_POLICY_INVALID' }],
  })
})
