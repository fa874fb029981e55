import { summarize, type Summary } from './testing/summarize.ts'
import type { VerifiedSignature } from '@verify-images/attestor-evaluator'
import { beforeEach, expect, test } from 'vitest'
import { createNotaryVerifier } from './notary-verifier.ts'
import type { NotaryVerifierOptions } from './notary-verifier.ts'
import { attestorWith, runOver } from './testing/corpus-world.ts'
import { REPOSITORY, createMemorySource } from './testing/memory-source.ts'
import { sourceFault } from '@verify-images/testing/internal'
import type { NotarySource, Pushed } from './testing/memory-source.ts'
import { accessLocation } from './testing/revocation-world.ts'
import { COSE, JWS, makeAuthority, makeCose, makeJws, payloadOf, targetOf } from './testing/signing-world.ts'
import type { TestSigner } from './testing/signing-world.ts'

const authority = makeAuthority()
const signer = authority.signer()
const stranger = makeAuthority('stranger').signer()
const ROOT = authority.certificate.pem

let source: NotarySource
let image: Pushed
beforeEach(() => {
  source = createMemorySource()
  image = source.pushImage('v1')
})

const sign = (subject: Pushed = image, by: TestSigner = signer): Pushed =>
  source.pushSignature(subject, JWS, makeJws(by, { payload: payloadOf(targetOf(subject.bytes)) }))
const subject = { reference: `${REPOSITORY}:v1`, repository: REPOSITORY, tag: 'v1' } as const

async function verify(
  options: NotaryVerifierOptions = {},
  cert = ROOT,
  certChain?: string,
): Promise<Summary<VerifiedSignature>> {
  return summarize(
    await createNotaryVerifier(options).verifySignature(
      { image: subject, attestor: attestorWith(cert, certChain), path: 'rules[0]' },
      runOver(source),
    ),
  )
}

async function answer(...args: Parameters<typeof verify>): Promise<string> {
  const outcome = await verify(...args)
  return outcome.kind === 'accepted' ? 'accepted' : `${outcome.kind} ${outcome.reasons[0].code}`
}

test('accepts a signature with no more requests than needed', async () => {
  const signature = sign()
  const outcome = await verify()
  expect(outcome).toMatchObject({
    kind: 'accepted',
    digest: image.digest,
    evidence: [
      {
        format: 'notary-jws',
        signedDigest: image.digest,
        artifact: signature.digest,
        times: [{ source: 'evaluation' }],
        notary: { trustPolicy: 'kyverno', level: 'strict', trusted: { store: 'ca:kyverno' }, identity: '*' },
      },
    ],
  })
  expect(source.asked.map((what) => what.split(' ')[0])).toEqual(['manifest', 'referrers', 'manifest', 'blob'])
})

test('accepts COSE by its media type, for a digest reference', async () => {
  source.pushSignature(image, COSE, makeCose(signer, { payload: Buffer.from(payloadOf(targetOf(image.bytes))) }))
  const outcome = summarize(
    await createNotaryVerifier().verifySignature(
      {
        image: { reference: `${REPOSITORY}@${image.digest}`, repository: REPOSITORY, digest: image.digest },
        attestor: attestorWith(ROOT),
        path: 'p',
      },
      runOver(source),
    ),
  )
  expect(outcome).toMatchObject({ kind: 'accepted', evidence: [{ format: 'notary-cose' }] })
})

test('trusts any certificate of the chain, in either field and among several', async () => {
  sign()
  const foreign = stranger.chain[1]?.pem ?? ''
  expect(await answer({}, signer.chain[0].pem)).toBe('accepted')
  expect(await answer({}, foreign)).toBe('rejected ATTESTOR_CERTIFICATE_UNTRUSTED')
  expect(await answer({}, `${foreign}${ROOT}`)).toBe('accepted')
  expect(await answer({}, foreign, ROOT)).toBe('accepted')
  expect(await answer({}, makeAuthority().certificate.pem)).toBe('rejected ATTESTOR_CERTIFICATE_UNTRUSTED')
})

test('rejects invalid certificates of the attestor, and an attestor without certificates', async () => {
  sign()
  expect(await verify({}, 'x')).toMatchObject({
    kind: 'rejected',
    failure: { detail: { kind: 'notary-certificates-not-pem' } },
    reasons: [{ code: 'ATTESTOR_POLICY_INVALID', path: 'rules[0]' }],
  })
  expect(await answer({}, ROOT, 'x')).toBe('rejected ATTESTOR_POLICY_INVALID')
  expect(await verify({}, '', ' \n')).toMatchObject({
    kind: 'rejected',
    reasons: [{ code: 'ATTESTOR_POLICY_INVALID', difference: 'S8' }],
  })
  expect(source.asked).toEqual([])
})

test('an invalid, unrelated or missing signature does not hide a valid one', async () => {
  const bad: (() => unknown)[] = [
    () => sign(image, stranger),
    () => source.pushSignature(image, JWS, Buffer.from('{')),
    () => source.pushSignature(image, COSE, Buffer.from('{')),
    () => source.pushSignature(image, 'text/plain', Buffer.from('x')),
    () => source.pushSignature(image, JWS, makeJws(signer, { payload: payloadOf() })),
    () => source.pushSignature(image, JWS, makeJws(signer), { manifest: (manifest) => ({ ...manifest, layers: [] }) }),
    () => source.pushSignature(image, JWS, makeJws(signer), { manifest: () => 'x' }),
  ]
  for (const push of bad) push()
  expect(await answer()).toMatch(/^rejected/)
  sign()
  expect(await answer()).toBe('accepted')
})

/** The failure of the only signature of the image. */
const inSignature = (detail: object): object => ({ failures: [{ failures: [{ failures: [{ detail }] }] }] })

const good = (manifest: (honest: Record<string, unknown>) => unknown): Pushed =>
  source.pushSignature(image, JWS, makeJws(signer, { payload: payloadOf(targetOf(image.bytes)) }), { manifest })
const layerOf = (manifest: Record<string, unknown>): object => (manifest['layers'] as object[])[0] ?? {}
test.each([
  ['no layers', (manifest) => ({ ...manifest, layers: [] })],
  ['two layers', (manifest) => ({ ...manifest, layers: [layerOf(manifest), layerOf(manifest)] })],
  ['a layer of negative size', (manifest) => ({ ...manifest, layers: [{ ...layerOf(manifest), size: -1 }] })],
  ['a layer of another size', (manifest) => ({ ...manifest, layers: [{ ...layerOf(manifest), size: 100 }] })],
  [
    'a layer with another digest algorithm',
    (manifest) => ({ ...manifest, layers: [{ ...layerOf(manifest), digest: 'md5:0' }] }),
  ],
  ['another type', (manifest) => ({ ...manifest, artifactType: 'application/x' })],
  ['another subject', (manifest) => ({ ...manifest, subject: targetOf(Buffer.from('other')) })],
  ['no subject', ({ subject: _subject, ...manifest }) => manifest],
  ['children', (manifest) => ({ ...manifest, manifests: [] })],
] satisfies [string, (honest: Record<string, unknown>) => unknown][])(
  'rejects a signature manifest with %s',
  async (_what, change) => {
    good(change)
    expect(await answer()).toBe('rejected ATTESTOR_SIGNATURE_INVALID')
    good((manifest) => manifest)
    expect(await answer()).toBe('accepted')
  },
)

test('does not fetch a layer that is too large by its manifest', async () => {
  good((manifest) => ({ ...manifest, layers: [{ ...layerOf(manifest), size: 10_000_001 }] }))
  expect(await verify()).toMatchObject({
    kind: 'inconclusive',
    reasons: [{ code: 'ATTESTOR_LIMIT_EXCEEDED' }],
    failure: inSignature({ kind: 'notary-layer-too-large', of: 'signature', size: 10_000_001, limit: 1_048_576 }),
  })
  expect(source.asked.filter((what) => what.startsWith('blob'))).toEqual([])
})

test('accepts older signatures, which have their artifact type in the config', async () => {
  good(({ artifactType: _type, ...manifest }) => ({
    ...manifest,
    config: { mediaType: 'application/vnd.cncf.notary.signature', digest: image.digest, size: 2 },
  }))
  expect(await answer()).toBe('accepted')
})

test('tries at most ten signatures, and rejects more than fifty referrers', async () => {
  for (let i = 0; i < 9; i++)
    source.pushSignature(image, JWS, makeJws(stranger, { payload: payloadOf(targetOf(image.bytes)), header: { i } }))
  sign()
  expect(await answer()).toBe('accepted')
  source = createMemorySource()
  image = source.pushImage('v1')
  for (let i = 0; i < 10; i++)
    source.pushSignature(image, JWS, makeJws(stranger, { payload: payloadOf(targetOf(image.bytes)), header: { i } }))
  sign()
  expect(await verify()).toMatchObject({
    kind: 'inconclusive',
    failure: { failures: [{ step: { kind: 'notary-verify-signatures', limit: 10 } }] },
  })
  expect(source.asked).toHaveLength(22)
  for (let i = 0; i < 40; i++) source.pushAttestation(image, 'x', String(i))
  expect(await verify()).toMatchObject({
    kind: 'inconclusive',
    reasons: [{ code: 'ATTESTOR_LIMIT_EXCEEDED' }],
    failure: { failures: [{ detail: { kind: 'notary-too-many-referrers', limit: 50 } }] },
  })
})

test('rejects an image that does not exist, and an image without signatures', async () => {
  expect(await verify()).toMatchObject({
    kind: 'rejected',
    reasons: [{ code: 'ATTESTOR_NO_SIGNATURE' }],
    failure: {
      step: { kind: 'notary-verify-artifact', reference: `${REPOSITORY}@${image.digest}` },
      failures: [{ detail: { kind: 'notary-no-signature', reference: `${REPOSITORY}@${image.digest}` } }],
    },
  })
  const missing = summarize(
    await createNotaryVerifier().verifySignature(
      { image: { ...subject, tag: 'v2' }, attestor: attestorWith(ROOT), path: 'p' },
      runOver(source),
    ),
  )
  expect(missing).toMatchObject({
    kind: 'rejected',
    reasons: [{ code: 'ATTESTOR_IMAGE_NOT_FOUND' }],
    failure: { step: { kind: 'notary-resolve-image', reference: 'registry.example.com/app:v1' } },
  })
})

test('an incomplete listing is inconclusive, unless a listed signature is valid', async () => {
  source.complete = false
  expect(await answer()).toBe('inconclusive ATTESTOR_SOURCE_UNAVAILABLE')
  sign()
  expect(await answer()).toBe('accepted')
})

test('an unreachable registry is inconclusive, and the failure says in which step', async () => {
  const signature = sign()
  source.fault = (what, name) =>
    what === 'manifest' && name === 'v1'
      ? sourceFault('REGISTRY_UNAVAILABLE', true, 'Get "https://registry.example.com/": connection refused')
      : undefined
  expect(await verify()).toMatchObject({
    kind: 'inconclusive',
    failure: { step: { kind: 'notary-resolve-image' } },
  })
  source.fault = (what) => (what === 'referrers' ? sourceFault('REGISTRY_UNAVAILABLE', true) : undefined)
  expect(await verify()).toMatchObject({
    kind: 'inconclusive',
    failure: { step: { kind: 'notary-verify-artifact' }, failures: [{ kind: 'reason' }] },
  })
  source.fault = (_what, name) => (name === signature.digest ? sourceFault('REGISTRY_UNAVAILABLE', true) : undefined)
  expect(await verify()).toMatchObject({
    kind: 'inconclusive',
    reasons: [{ code: 'REGISTRY_UNAVAILABLE', candidate: signature.digest }],
    failure: {
      failures: [
        {
          step: { kind: 'notary-verify-signatures', unfetched: 0 },
          failures: [{ step: { kind: 'notary-fetch-signature', signature: signature.digest } }],
        },
      ],
    },
  })
})

test('rejects a registry that returns another manifest', async () => {
  sign()
  const other = source.pushImage('other')
  const honest = source.fetchManifest.bind(source)
  source.fetchManifest = (repository, reference, signal) =>
    honest(repository, reference === image.digest ? other.digest : reference, signal)
  const outcome = summarize(
    await createNotaryVerifier().verifySignature(
      {
        image: { reference: 'x', repository: REPOSITORY, digest: image.digest },
        attestor: attestorWith(ROOT),
        path: 'p',
      },
      runOver(source),
    ),
  )
  expect(outcome).toMatchObject({ kind: 'rejected', reasons: [{ code: 'ATTESTOR_PAYLOAD_MISMATCH' }] })
})

test('calls the revocation checker only for certificates with an address, and never accepts those without a checker', async () => {
  sign()
  const asked: string[] = []
  const revocation = {
    checkRevocation: async (): Promise<{ status: 'good'; source: string }> => {
      asked.push('x')
      return { status: 'good', source: 'x' }
    },
  }
  expect(await answer({ revocation })).toBe('accepted')
  expect(asked).toEqual([])
  source = createMemorySource()
  image = source.pushImage('v1')
  sign(image, authority.signer({ extensions: [accessLocation('http://ocsp.example.com')] }))
  expect(await verify()).toMatchObject({
    kind: 'inconclusive',
    failure: inSignature({ kind: 'notary-revocation-unknown', role: 'signing' }),
  })
  expect(await answer({ revocation })).toBe('accepted')
  expect(asked).toEqual(['x'])
})

const trustPolicy = (statement: object): NotaryVerifierOptions => ({
  trustPolicy: {
    document: JSON.stringify({
      version: '1.0',
      trustPolicies: [
        {
          name: 'acme',
          registryScopes: [REPOSITORY],
          signatureVerification: { level: 'strict' },
          trustStores: ['ca:acme'],
          trustedIdentities: ['*'],
          ...statement,
        },
      ],
    }),
    trustStores: { ca: { acme: ROOT, stranger: stranger.chain[1]?.pem ?? '' } },
  },
})
test('with a trust policy, both it and the certificates of the attestor must hold', async () => {
  sign()
  expect(await answer(trustPolicy({}))).toBe('accepted')
  expect(await answer(trustPolicy({}), stranger.chain[1]?.pem)).toBe('rejected ATTESTOR_CERTIFICATE_UNTRUSTED')
  expect(await answer(trustPolicy({ signatureVerification: { level: 'audit' } }), stranger.chain[1]?.pem)).toBe(
    'rejected ATTESTOR_CERTIFICATE_UNTRUSTED',
  )
  expect(await answer(trustPolicy({ trustStores: ['ca:stranger'] }))).toBe('rejected ATTESTOR_CERTIFICATE_UNTRUSTED')
  expect(await answer(trustPolicy({ trustedIdentities: ['x509.subject: C=US, ST=WA, O=other'] }))).toBe(
    'rejected ATTESTOR_IDENTITY_MISMATCH',
  )
  expect(await answer(trustPolicy({ registryScopes: ['registry.example.com/other'] }))).toBe(
    'rejected ATTESTOR_POLICY_INVALID',
  )
  expect(
    await answer(trustPolicy({ signatureVerification: { level: 'skip' }, trustStores: [], trustedIdentities: [] })),
  ).toBe('rejected ATTESTOR_POLICY_INVALID')
})

test('user metadata can be required of every signature', async () => {
  sign()
  expect(await answer({ userMetadata: { env: 'prod' } })).toBe('rejected ATTESTOR_ANNOTATION_MISMATCH')
  source.pushSignature(image, JWS, makeJws(signer, { payload: payloadOf(targetOf(image.bytes), { env: 'prod' }) }))
  expect(await verify({ userMetadata: { env: 'prod' } })).toMatchObject({
    kind: 'accepted',
    evidence: [{ annotations: { env: 'prod' } }],
  })
})
