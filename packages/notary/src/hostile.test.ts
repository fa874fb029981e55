import {
  checkJsonShape,
  createEvaluationBudget,
  createVerificationMemo,
  DEFAULT_BUDGET,
} from '@verify-images/primitives'
import type { BudgetLimits } from '@verify-images/primitives'
import { makeCertificate, makeKeyPair } from '@verify-images/testing/internal'
import { Tag, encode } from 'cbor2'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import {
  MAX_CRITICAL_NAMES,
  MAX_ENVELOPE_BYTES,
  MAX_ENVELOPE_TOKENS,
  MAX_IDENTITIES,
  MAX_TRUSTED_CERTIFICATES,
} from './limits.ts'
import { createNotaryVerifier } from './notary-verifier.ts'
import { attestorWith, CORPUS_NOW } from './testing/corpus-world.ts'
import { REPOSITORY, createMemorySource } from './testing/memory-source.ts'
import type { NotarySource, Pushed } from './testing/memory-source.ts'
import { COSE, JWS, makeAuthority, makeCose, makeJws, payloadOf, targetOf } from './testing/signing-world.ts'
import { summarize } from './testing/summarize.ts'
import { parseTrustPolicy } from './trust/parse-trust-policy.ts'
import { readTrustStores } from './trust/trust-store.ts'

// What anyone who may push can store beside an image, made as expensive as its size allows.

const authority = makeAuthority()
const signer = authority.signer()

let source: NotarySource
let image: Pushed
beforeEach(() => {
  source = createMemorySource()
  image = source.pushImage('v1')
})

interface Judged {
  readonly answer: string
  readonly spent: BudgetLimits
  /** The most JSON tokens that were parsed at once. */
  readonly parsedTokens: number
}

async function judge(limits: Partial<BudgetLimits> = {}): Promise<Judged> {
  const budget = createEvaluationBudget(limits)
  const run = { source, now: CORPUS_NOW, signal: AbortSignal.timeout(60_000), memo: createVerificationMemo(), budget }
  const parse = vi.spyOn(JSON, 'parse')
  try {
    const outcome = summarize(await createNotaryVerifier().verifySignature(request, run))
    const answer = outcome.kind === 'accepted' ? 'accepted' : `${outcome.kind} ${outcome.reasons[0].code}`
    const tokens = parse.mock.calls.map(([text]) => checkJsonShape(Buffer.from(text), ANY_SHAPE))
    return { answer, spent: budget.spent(), parsedTokens: Math.max(0, ...tokens) }
  } finally {
    parse.mockRestore()
  }
}

const ANY_SHAPE = { maxTokens: Number.MAX_SAFE_INTEGER, maxDepth: Number.MAX_SAFE_INTEGER }
const subject = { reference: `${REPOSITORY}:v1`, repository: REPOSITORY, tag: 'v1' } as const
const request = { image: subject, attestor: attestorWith(authority.certificate.pem), path: 'p' }

const honestPayload = (): string => payloadOf(targetOf(image.bytes))
const pushGood = (): Pushed => source.pushSignature(image, JWS, makeJws(signer, { payload: honestPayload() }))
const cbor = (value: unknown): Uint8Array => Uint8Array.from(encode(value))
const keys = (count: number, first: number): Readonly<Record<string, number>> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, first]))

/** Makes an envelope that differs from the others by a number: equal bytes are verified once. */
type Make = (number: number) => Uint8Array

const ENVELOPES: readonly (readonly [what: string, mediaType: string, make: Make])[] = [
  ['JWS of empty objects', JWS, (i) => Buffer.from(`[${'{},'.repeat(MAX_ENVELOPE_BYTES / 4)}${i}]`)],
  ['JWS of brackets', JWS, (i) => Buffer.from('['.repeat(MAX_ENVELOPE_BYTES - i))],
  ['JWS of keys', JWS, (i) => makeJws(signer, { unprotected: keys(20_000, i) })],
  ['JWS with a large payload', JWS, (i) => makeJws(signer, { payload: 'x'.repeat(MAX_ENVELOPE_BYTES / 2 - i) })],
  ['JWS with a protected header of many members', JWS, (i) => makeJws(signer, { header: keys(20_000, i) })],
  ['JWS with a payload of many tokens', JWS, (i) => makeJws(signer, { payload: `[${'0,'.repeat(50_000)}${i}]` })],
  [
    'JWS with many certificates',
    JWS,
    (i) => makeJws(signer, { unprotected: { i, x5c: Array.from({ length: 700 }, () => 'AAAA') } }),
  ],
  ['COSE of zeros', COSE, (i) => new Uint8Array(MAX_ENVELOPE_BYTES - i)],
  ['COSE of nested arrays', COSE, (i) => new Uint8Array(MAX_ENVELOPE_BYTES - i).fill(0x81)],
  [
    'COSE of a byte string that claims 8 exabytes',
    COSE,
    (i) => Uint8Array.of(0x5b, 0x7f, 255, 255, 255, 255, 255, 255, i),
  ],
  ['COSE of an array that claims four billion members', COSE, (i) => Uint8Array.of(0xd2, 0x9a, 255, 255, 255, 255, i)],
  ['COSE of a map that claims four billion members', COSE, (i) => Uint8Array.of(0xd2, 0xba, 255, 255, 255, 255, i)],
  ['COSE of many empty maps', COSE, (i) => cbor(new Tag(18, [...Array.from({ length: 50_000 }, () => new Map()), i]))],
  [
    'COSE with a large payload',
    COSE,
    (i) => makeCose(signer, { payload: new Uint8Array(MAX_ENVELOPE_BYTES / 2 - i).fill(0x78) }),
  ],
  [
    'COSE with many certificates',
    COSE,
    (i) => makeCose(signer, { unprotected: new Map([[33, Array.from({ length: 900 }, () => Uint8Array.of(i))]]) }),
  ],
  [
    'COSE with many critical names',
    COSE,
    (i) => {
      const names = Array.from({ length: MAX_CRITICAL_NAMES + 1 }, (_, j) => `n${i}${j}`)
      return makeCose(signer, { header: new Map([[2, names]]) })
    },
  ],
]

test.each(ENVELOPES)('nine envelopes, %s, are refused by their shape and do not hide a valid one', async (...given) => {
  const [, mediaType, make] = given
  for (let i = 0; i < 9; i++) source.pushSignature(image, mediaType, make(i))
  const refused = await judge()
  expect(refused.answer).toMatch(/^(?:rejected|inconclusive) ATTESTOR_/)
  expect(refused.parsedTokens).toBeLessThanOrEqual(MAX_ENVELOPE_TOKENS)
  pushGood()
  expect((await judge()).answer).toBe('accepted')
})

test('an envelope above the limit of bytes is not fetched, and leaves the outcome open', async () => {
  source.pushSignature(image, JWS, new Uint8Array(MAX_ENVELOPE_BYTES + 1))
  expect((await judge()).answer).toBe('inconclusive ATTESTOR_LIMIT_EXCEEDED')
  expect(source.asked.filter((what) => what.startsWith('blob'))).toEqual([])
  pushGood()
  expect((await judge()).answer).toBe('accepted')
})

test('each envelope counts as a signature, and each certificate of its chain as one', async () => {
  const middleKey = makeKeyPair()
  const middle = makeCertificate({
    subject: 'middle',
    key: middleKey,
    issuer: { name: authority.certificate.name, key: authority.key },
    ca: true,
    keyUsage: ['keyCertSign'],
  })
  const [leaf] = makeAuthority().signer().chain
  const stranger = makeJws({ ...signer, chain: [leaf, middle, authority.certificate] })
  for (let i = 0; i < 4; i++)
    source.pushSignature(image, JWS, stranger, { manifest: (one) => ({ ...one, annotations: { i: `${i}` } }) })
  // Equal bytes are verified once.
  expect((await judge()).spent).toMatchObject({ signatures: 1, certificates: 0 })
  source = createMemorySource()
  image = source.pushImage('v1')
  for (let i = 0; i < 3; i++) source.pushSignature(image, JWS, makeJws(signer, { payload: `{"i":${i}}` }))
  pushGood()
  const { answer, spent } = await judge()
  expect([answer, spent.signatures, spent.certificates]).toEqual(['accepted', 4, 8])
})

test.each([
  ['signatures', 3],
  ['certificates', 7],
] as const)('a budget of too few %s leaves the outcome open, and one of enough does not', async (name, limit) => {
  for (let i = 0; i < 3; i++) source.pushSignature(image, JWS, makeJws(signer, { payload: `{"i":${i}}` }))
  pushGood()
  expect((await judge({ [name]: limit })).answer).toMatch(/^inconclusive/)
  expect((await judge({ [name]: limit + 1 })).answer).toBe('accepted')
  expect(DEFAULT_BUDGET[name]).toBeGreaterThan(1_000)
})

test('stops between two envelopes at an aborted signal', async () => {
  pushGood()
  const controller = new AbortController()
  const reason = new Error('deadline')
  source.fault = (what) => {
    if (what === 'blob') controller.abort(reason)
    return undefined
  }
  const run = {
    source,
    now: CORPUS_NOW,
    signal: controller.signal,
    memo: createVerificationMemo(),
    budget: createEvaluationBudget(),
  }
  await expect(createNotaryVerifier().verifySignature(request, run)).rejects.toBe(reason)
})

describe('what the operator configures', () => {
  const policy = (identities: number): string =>
    JSON.stringify({
      version: '1.0',
      trustPolicies: [
        {
          name: 'a',
          registryScopes: ['*'],
          signatureVerification: { level: 'strict' },
          trustStores: ['ca:a'],
          trustedIdentities: Array.from({ length: identities }, (_, i) => `x509.subject: C=US, ST=WA, O=acme${i}`),
        },
      ],
    })

  test('a statement has a limit of identities, because each is compared with each other one', () => {
    expect(() => parseTrustPolicy(policy(MAX_IDENTITIES))).not.toThrow()
    expect(() => parseTrustPolicy(policy(MAX_IDENTITIES + 1))).toThrow(
      `trustPolicies[0].trustedIdentities: expected at most ${MAX_IDENTITIES} entries, got ${MAX_IDENTITIES + 1}`,
    )
  })

  test('a trust store has a limit of certificates over all its texts, and none is parsed beyond it', () => {
    const pem = authority.certificate.pem
    const texts = (count: number): readonly string[] => Array.from({ length: count }, () => pem)
    expect(readTrustStores({ ca: { a: texts(MAX_TRUSTED_CERTIFICATES) } }).get('ca:a')).toHaveLength(
      MAX_TRUSTED_CERTIFICATES,
    )
    const beyond = [...texts(MAX_TRUSTED_CERTIFICATES), 'no PEM']
    expect(() => readTrustStores({ ca: { a: beyond } })).toThrow(
      `ca:a: expected at most ${MAX_TRUSTED_CERTIFICATES} certificates, got more`,
    )
  })
})
