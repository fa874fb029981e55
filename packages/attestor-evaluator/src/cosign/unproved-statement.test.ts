import type { AttestorEntry } from '@verify-images/policy-parser'
import { COSIGN_ANNOTATION, generalName, makeKeyPair } from '@verify-images/testing/internal'
import { describe, expect, test } from 'vitest'
import { attestorOptions } from '../attestor-options.ts'
import { attested, createCosignWorld, keyEntry, type Layer, type StatementOptions } from '../testing/cosign-world.ts'
import { summarize } from '../testing/summarize.ts'
import { createCosignVerifier } from './cosign-verifier.ts'

const world = createCosignWorld()
const key = makeKeyPair()
const scan = 'https://example.com/scan/v1'
const defaults = { mutateDigest: true, verifyDigest: true, required: true, useCache: true }
const NO: StatementOptions = { predicate: { critical: 9 } }
let images = 0

type Image = { readonly digest: string }
type Annotations = Readonly<Record<string, string | undefined>>

/** Returns a layer with other annotations than its author gave it; `undefined` removes one. */
function damaged(layer: Layer, changes: Annotations): Layer {
  const annotations = Object.entries({ ...layer.annotations, ...changes })
  return {
    ...layer,
    annotations: Object.fromEntries(annotations.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]]))),
  }
}

async function verify(
  makeLayers: (image: Image) => readonly Layer[],
  entry: AttestorEntry = keyEntry(key),
  everyStatementCounts = true,
): Promise<string> {
  const image = world.image(`unproved-${images++}`)
  world.store(image, 'att', makeLayers(image))
  const attestor = attestorOptions(defaults, entry, 'attestation')
  const request = { image, attestor, path: 'x', predicateType: scan, everyStatementCounts }
  const outcome = summarize(await createCosignVerifier().verifyAttestations(request, world.run()))
  return outcome.kind === 'accepted' ? 'accepted' : `${outcome.kind} ${outcome.reasons.map(({ code }) => code).join()}`
}

const OPEN = 'inconclusive ATTESTOR_STATEMENT_UNREADABLE'
const DAMAGES: readonly (readonly [string, Annotations])[] = [
  ['without the annotation of its signature', { [COSIGN_ANNOTATION.signature]: undefined }],
  ['with garbage for a signature', { [COSIGN_ANNOTATION.signature]: '!' }],
  ['with the signature of another envelope', { [COSIGN_ANNOTATION.signature]: 'AAAA' }],
  ['with garbage for a certificate', { [COSIGN_ANNOTATION.certificate]: 'garbage' }],
]

describe.each(DAMAGES)('a statement by the required key %s', (_, changes) => {
  const beside = (options: StatementOptions, keys = [key]) => {
    return (image: Image): readonly Layer[] => [
      attested([key], image),
      damaged(attested(keys, image, options), changes),
    ]
  }

  test('leaves the outcome open, because it may say no', async () => {
    expect(await verify(beside(NO))).toBe(OPEN)
    expect(await verify((image) => beside(NO)(image).toReversed())).toBe(OPEN)
  })

  test('control: a damaged statement is skipped where nothing reads statements', async () => {
    expect(await verify(beside(NO), keyEntry(key), false)).toBe('accepted')
  })

  test('control: a damaged statement of another type, image or signer is skipped', async () => {
    expect(await verify(beside({ ...NO, type: 'https://example.com/other' }))).toBe('accepted')
    expect(await verify(beside({ ...NO, subject: [{ digest: { sha256: 'ab'.repeat(32) } }] }))).toBe('accepted')
    expect(await verify(beside(NO, [makeKeyPair()]))).toBe('accepted')
  })

  test('a damaged statement without another one is rejected', async () => {
    expect(await verify((image) => [damaged(attested([key], image, NO), changes)])).toMatch(/^rejected/)
  })
})

test('an envelope that cannot be read has no signer, and is skipped', async () => {
  const junk = { bytes: Buffer.from('{}'), annotations: { [COSIGN_ANNOTATION.signature]: '' } }
  expect(await verify((image) => [attested([key], image), junk])).toBe('accepted')
})

describe('a statement by the required identity', () => {
  const roots = world.authority.root.pem
  const identity = { subject: 'user@example.com', issuer: 'https://accounts.example.com' }
  const entry: AttestorEntry = {
    keyless: { ...identity, rekor: { url: 'x', ignoreTlog: true }, ctlog: { ignoreSCT: true } },
  }
  const signer = makeKeyPair()

  /** Signed by the holder of a certificate that is valid now. */
  function certified(image: Image, email: string, options: StatementOptions = {}, changes: Annotations = {}): Layer {
    const certificate = world.authority.issue(signer, {
      subjectAltNames: [generalName.email(email)],
      notBefore: new Date('2026-11-24T00:00:00Z'),
      notAfter: new Date('2026-11-26T00:00:00Z'),
    })
    return damaged(attested([signer], image, options), {
      [COSIGN_ANNOTATION.certificate]: certificate.pem,
      [COSIGN_ANNOTATION.chain]: world.authority.intermediate.pem + roots,
      ...changes,
    })
  }
  const beside = (no: (image: Image) => Layer) => (image: Image) => [certified(image, identity.subject), no(image)]

  test.each<[string, Annotations]>([
    ['a damaged signature', { [COSIGN_ANNOTATION.signature]: '!' }],
    ['a damaged certificate', { [COSIGN_ANNOTATION.certificate]: 'garbage' }],
    ['a damaged chain', { [COSIGN_ANNOTATION.chain]: '-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n' }],
  ])('a statement by the required identity leaves the outcome open with %s', async (_, changes) => {
    expect(
      await verify(
        beside((image) => certified(image, identity.subject, NO, changes)),
        entry,
      ),
    ).toBe(OPEN)
  })

  test('control: a statement without a certificate, or with that of another signer, is skipped', async () => {
    const certificate = { [COSIGN_ANNOTATION.certificate]: undefined }
    const signature = { [COSIGN_ANNOTATION.signature]: '!' }
    expect(
      await verify(
        beside((image) => certified(image, identity.subject, NO, certificate)),
        entry,
      ),
    ).toBe('accepted')
    expect(
      await verify(
        beside((image) => certified(image, 'mallory@example.net', NO, signature)),
        entry,
      ),
    ).toBe('accepted')
  })
})
