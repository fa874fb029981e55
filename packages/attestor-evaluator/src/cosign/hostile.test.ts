import { makeKeyPair } from '@verify-images/testing/internal'
import type { AttestorEntry } from '@verify-images/policy-parser'
import {
  type BudgetLimits,
  createEvaluationBudget,
  type Digest,
  type EvaluationBudget,
  type Outcome,
  payloadsInMemory,
  type PayloadReader,
} from '@verify-images/primitives'
import { expect, test, vi } from 'vitest'
import { attestorOptions } from '../attestor-options.ts'
import type { VerificationRun, VerifiedAttestations } from '../signature-verifier.ts'
import { attested, createCosignWorld, keyEntry, type Layer, signed, signedKeyless } from '../testing/cosign-world.ts'
import { summarize, type Summary } from '../testing/summarize.ts'
import { createCosignVerifier } from './cosign-verifier.ts'
import type { CosignVerifierOptions } from './options.ts'

const world = createCosignWorld()
const key = makeKeyPair()
const stranger = makeKeyPair()
const verification = { mutateDigest: true, verifyDigest: true, required: true, useCache: true }
let count = 0

async function verifySignature(
  layersOf: (image: { readonly digest: Digest }) => readonly Layer[],
  entry: AttestorEntry,
  run: Partial<VerificationRun> = {},
  options: CosignVerifierOptions = {},
): Promise<Summary<unknown>> {
  const image = world.image(`hostile-${count++}`)
  world.store(image, 'sig', layersOf(image))
  const attestor = attestorOptions(verification, entry, 'signature')
  const request = { image, attestor, path: 'attestors[0].entries[0]' }
  return summarize(await createCosignVerifier(options).verifySignature(request, world.run(run)))
}

async function verifyAttestation(
  layersOf: (image: { readonly digest: Digest }) => readonly Layer[],
  run: Partial<VerificationRun> = {},
): Promise<Outcome<VerifiedAttestations>> {
  const image = world.image(`hostile-${count++}`)
  world.store(image, 'att', layersOf(image))
  const attestor = attestorOptions(verification, keyEntry(key), 'attestation')
  const request = { image, attestor, path: 'x', predicateType: 'https://example.com/scan/v1' }
  return createCosignVerifier().verifyAttestations(request, world.run(run))
}

const keyless: AttestorEntry = {
  keyless: {
    subject: 'user@example.com',
    issuer: 'https://accounts.example.com',
    rekor: { url: 'https://log.test' },
    ctlog: { ignoreSCT: true },
  },
}

/** Signatures by certificates of another authority, each with a chain. */
const foreign = createCosignWorld()
const foreignSignatures =
  (number: number) =>
  (image: { readonly digest: Digest }): readonly Layer[] =>
    Array.from({ length: number }, (_, i) =>
      signedKeyless({ authority: foreign.authority, log: world.log }, image, {
        certificate: foreign.authority.issue(stranger),
        key: stranger,
        optional: { number: i },
      }),
    )

function budgetOf(limits: Partial<BudgetLimits> = {}): EvaluationBudget {
  return createEvaluationBudget(limits)
}

test('the certificates of foreign chains count against the budget, which leaves the outcome open when it is exceeded', async () => {
  const budget = budgetOf()
  expect(await verifySignature(foreignSignatures(30), keyless, { budget })).toMatchObject({ kind: 'rejected' })
  // Two of each annotation are parsed; none is of a trusted name, so no link is checked.
  expect(budget.spent().certificates).toBeGreaterThanOrEqual(60)
  const small = await verifySignature(foreignSignatures(30), keyless, { budget: budgetOf({ certificates: 20 }) })
  expect(small).toMatchObject({ kind: 'inconclusive' })
  expect(small.kind === 'accepted' ? [] : small.reasons.map(({ code }) => code)).toContain('ATTESTOR_BUDGET_EXCEEDED')
})

test('each signature that is tried counts against the budget', async () => {
  const layers = (image: { readonly digest: Digest }): readonly Layer[] =>
    Array.from({ length: 12 }, (_, i) => signed(stranger, image, { optional: { number: i } }))
  const budget = budgetOf()
  expect(await verifySignature(layers, keyEntry(key), { budget })).toMatchObject({ kind: 'rejected' })
  expect(budget.spent().signatures).toBe(12)
  expect(await verifySignature(layers, keyEntry(key), { budget: budgetOf({ signatures: 11 }) })).toMatchObject({
    kind: 'inconclusive',
  })
})

test('the event loop turns between the chains of a manifest', async () => {
  let turns = 0
  let running = true
  const turn = (): void => {
    turns++
    if (running) setImmediate(turn)
  }
  setImmediate(turn)
  // Nothing here waits for a socket or a timer: without a scheduler all of it would run in one turn.
  await verifySignature(foreignSignatures(100), keyless)
  running = false
  expect(turns).toBeGreaterThan(5)
})

test('the chain of a signature is not read for a signer who needs none', async () => {
  const withChain = (chain: string) => (image: { readonly digest: Digest }) => [
    signed(key, image, { annotations: { 'dev.sigstore.cosign/chain': chain } }),
  ]
  const budget = budgetOf()
  const { pem } = foreign.authority.intermediate
  expect(await verifySignature(withChain(pem.repeat(16)), keyEntry(key), { budget })).toMatchObject({
    kind: 'accepted',
  })
  expect(budget.spent().certificates).toBe(0)
})

test('a payload is parsed after its signature has been verified, and not at all when it is invalid', async () => {
  const read = vi.fn<PayloadReader['read']>((...args) => payloadsInMemory.read(...args))
  expect(await verifyAttestation((image) => [attested([stranger], image)], { payloads: { read } })).toMatchObject({
    kind: 'rejected',
  })
  expect(read).not.toHaveBeenCalled()
  expect(await verifyAttestation((image) => [attested([key], image)], { payloads: { read } })).toMatchObject({
    kind: 'accepted',
  })
  expect(read).toHaveBeenCalledTimes(1)
})

test.each([
  ['objects', `[${'{},'.repeat(200_000)}{}]`],
  ['brackets', '['.repeat(500_000)],
  ['keys', `{${Array.from({ length: 60_000 }, (_, i) => `"k${i}":0`).join(',')}}`],
])('an envelope that is made of %s is refused before it is parsed', async (_, text) => {
  const parse = vi.spyOn(JSON, 'parse')
  try {
    const outcome = await verifyAttestation(() => [
      { bytes: Buffer.from(text), annotations: { 'dev.cosignproject.cosign/signature': '' } },
    ])
    expect(outcome.kind).not.toBe('accepted')
    expect(parse.mock.calls.filter(([parsed]) => parsed.length >= text.length)).toEqual([])
  } finally {
    parse.mockRestore()
  }
})

test('a signed payload that is larger than any real one is not parsed, and leaves the outcome open', async () => {
  const layers =
    (padding: number) =>
    (image: { readonly digest: Digest }): readonly Layer[] => [
      signed(key, image, { optional: { padding: 'x'.repeat(padding) } }),
    ]
  expect(await verifySignature(layers(64 * 1024), keyEntry(key))).toMatchObject({
    kind: 'inconclusive',
    reasons: [{ code: 'ATTESTOR_LIMIT_EXCEEDED' }],
  })
  expect(await verifySignature(layers(63 * 1024), keyEntry(key))).toMatchObject({ kind: 'accepted' })
})

test('a layer beyond the limit is not fetched and leaves the outcome open; the limit is an option', async () => {
  const layers = (image: { readonly digest: Digest }): readonly Layer[] => [
    signed(key, image, { optional: { padding: 'x'.repeat(2000) } }),
  ]
  world.source.asked.length = 0
  expect(await verifySignature(layers, keyEntry(key), {}, { maxPayloadBytes: 1000 })).toMatchObject({
    kind: 'inconclusive',
    reasons: [{ code: 'ATTESTOR_LIMIT_EXCEEDED' }],
  })
  expect(world.source.asked.some((line) => line.startsWith('blob'))).toBe(false)
  expect(await verifySignature(layers, keyEntry(key), {}, { maxPayloadBytes: 4000 })).toMatchObject({
    kind: 'accepted',
  })
})

test.each([
  ['the digest', '"image":{"docker-manifest-digest":"DIGEST","Docker-Manifest-Digest":"sha256:other"}'],
  ['the image', '"image":{"docker-manifest-digest":"DIGEST"},"IMAGE":{"docker-manifest-digest":"sha256:other"}'],
  [
    'the reference',
    '"image":{"docker-manifest-digest":"DIGEST"},"identity":{"docker-reference":"","DOCKER-reference":""}',
  ],
])('refuses a signed payload with a second key for %s in other letters, which Go would take', async (_, critical) => {
  const payload = (image: { readonly digest: Digest }, members: string): Uint8Array =>
    Buffer.from(
      `{"critical":{"type":"cosign container image signature",${members.replace('DIGEST', image.digest)}},"optional":{"a":"1","A":"2"}}`,
    )
  const control = '"image":{"docker-manifest-digest":"DIGEST"}'
  expect(
    await verifySignature((image) => [signed(key, image, { payload: payload(image, critical) })], keyEntry(key)),
  ).toMatchObject({ kind: 'rejected', reasons: [{ code: 'ATTESTOR_PAYLOAD_INVALID' }] })
  expect(
    await verifySignature((image) => [signed(key, image, { payload: payload(image, control) })], keyEntry(key)),
  ).toMatchObject({ kind: 'accepted' })
})
