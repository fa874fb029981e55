import { summarize, type Summary } from './testing/summarize.ts'
import type { VerifiedAttestations } from '@verify-images/attestor-evaluator'
import { digestOf } from '@verify-images/primitives'
import { beforeEach, expect, test } from 'vitest'
import { createNotaryVerifier } from './notary-verifier.ts'
import { attestorWith, runOver } from './testing/corpus-world.ts'
import { REPOSITORY, createMemorySource } from './testing/memory-source.ts'
import { sourceFault } from '@verify-images/testing/internal'
import type { NotarySource, Pushed, ReferrerOptions } from './testing/memory-source.ts'
import { JWS, makeAuthority, makeJws, payloadOf, targetOf } from './testing/signing-world.ts'
import type { TestSigner } from './testing/signing-world.ts'

const authority = makeAuthority()
const signer = authority.signer()
const stranger = makeAuthority('stranger').signer()
const TYPE = 'sbom/example'

let source: NotarySource
let image: Pushed
beforeEach(() => {
  source = createMemorySource()
  image = source.pushImage('v1')
})

function attest(content: string, options: ReferrerOptions = {}, by: TestSigner | null = signer): Pushed {
  const pushed = source.pushAttestation(image, TYPE, content, options)
  if (by) source.pushSignature(pushed, JWS, makeJws(by, { payload: payloadOf(targetOf(pushed.bytes)) }))
  return pushed
}

async function verify(cert = authority.certificate.pem, predicateType = TYPE): Promise<Summary<VerifiedAttestations>> {
  const subject = { reference: `${REPOSITORY}:v1`, repository: REPOSITORY, tag: 'v1' }
  const request = { image: subject, attestor: attestorWith(cert), path: 'p', predicateType }
  return summarize(await createNotaryVerifier().verifyAttestations(request, runOver(source)))
}

async function answer(...args: Parameters<typeof verify>): Promise<string> {
  const outcome = await verify(...args)
  return outcome.kind === 'accepted' ? 'accepted' : `${outcome.kind} ${outcome.reasons[0].code}`
}

const NO = '{"says":"no"}'
const unavailable = sourceFault('REGISTRY_UNAVAILABLE', true)

function predicatesOf(outcome: Summary<VerifiedAttestations>): readonly unknown[] | string {
  return outcome.kind === 'accepted' ? outcome.statements.map(({ statement }) => statement.predicate) : outcome.kind
}

function signatureOf({ digest }: Pick<Pushed, 'digest'>): string {
  const [signature = ''] = source.listed(digest)
  return signature
}

/** Makes the source answer "not found" for a manifest that it lists. */
function hideManifest(digest: string): void {
  const { fetchManifest } = source
  source.fetchManifest = async (repository, reference, signal) =>
    fetchManifest(repository, reference === digest ? 'absent' : reference, signal)
}

function failReferrersOf({ digest }: Pushed): void {
  source.fault = (what, name) => (what === 'referrers' && name === digest ? unavailable : undefined)
}

test('returns the manifest with type and predicate as the statement', async () => {
  attest('{"a":[1]}')
  const outcome = await verify()
  expect(outcome).toMatchObject({
    kind: 'accepted',
    digest: image.digest,
    statements: [
      {
        statement: {
          type: TYPE,
          predicate: { a: [1] },
          document: { schemaVersion: 2, artifactType: TYPE, type: TYPE },
        },
        evidence: { format: 'notary-jws', signedDigest: image.digest, predicateType: TYPE },
      },
    ],
  })
})

test('prefers the type and predicate of the manifest, and rejects a type that is not a string', async () => {
  attest('{}', { manifest: (manifest) => ({ ...manifest, type: 'other', predicate: 7 }) })
  expect(await verify()).toMatchObject({ statements: [{ statement: { type: 'other', predicate: 7 } }] })
  source = createMemorySource()
  image = source.pushImage('v1')
  attest('{}', { manifest: (manifest) => ({ ...manifest, type: 7 }) })
  expect(await answer()).toBe('rejected ATTESTOR_PAYLOAD_INVALID')
})

test('accepts only attestations signed by the attestor: unsigned, signed by another, or a signature of the image do not count', async () => {
  attest('{}', {}, null)
  source.pushSignature(image, JWS, makeJws(signer, { payload: payloadOf(targetOf(image.bytes)) }))
  expect(await verify()).toMatchObject({
    kind: 'rejected',
    reasons: [{ code: 'ATTESTOR_NO_SIGNATURE' }],
    failure: { failures: [{ detail: { kind: 'notary-no-signature' } }] },
  })
  source = createMemorySource()
  image = source.pushImage('v1')
  attest('{}', {}, stranger)
  expect(await answer()).toBe('rejected ATTESTOR_CERTIFICATE_UNTRUSTED')
  expect(await answer(stranger.chain[1]?.pem)).toBe('accepted')
})

test('accepts nothing without certificates', async () => {
  attest('{}', {}, null)
  expect(await verify('')).toMatchObject({
    kind: 'rejected',
    reasons: [{ code: 'ATTESTOR_POLICY_INVALID', difference: 'S8' }],
  })
})

test('compares the predicate type exactly, and rejects an image without an attestation of that type', async () => {
  attest('{}')
  for (const type of ['sbom/Example', 'sbom/example/', 'sbom', '']) {
    expect(await verify(undefined, type)).toMatchObject({
      kind: 'rejected',
      failure: { detail: { kind: 'notary-no-attestation', image: `${REPOSITORY}:v1`, predicateType: type } },
      reasons: [{ code: 'ATTESTOR_STATEMENT_MISSING' }],
    })
  }
})

test('rejects an artifact whose manifest has another type than the referrers listing', async () => {
  attest('{}', { artifactType: 'harmless/x' })
  expect(await answer()).toBe('rejected ATTESTOR_PAYLOAD_MISMATCH')
})

test('returns every attestation of the type that the attestor signed, in the order of the listing', async () => {
  attest('{"first":true}')
  attest('{"first":false}')
  const outcome = await verify()
  expect(predicatesOf(outcome)).toEqual([{ first: true }, { first: false }])
})

test.each<[string, (content: string) => void]>([
  ['is not signed', (content) => attest(content, {}, null)],
  ['is signed by another signer', (content) => attest(content, {}, stranger)],
  ['has another type in its manifest', (content) => attest(content, { artifactType: 'harmless/x', listedAs: TYPE })],
  [
    'refers to another subject',
    (content) => attest(content, { manifest: (manifest) => ({ ...manifest, subject: targetOf(Buffer.from('x')) }) }),
  ],
])('an attestation that %s neither counts nor hides the trusted one after it', async (_what, attestOther) => {
  attestOther('{"by":"other"}')
  expect((await verify()).kind).toBe('rejected')
  attest('{"by":"attestor"}')
  expect(predicatesOf(await verify())).toEqual([{ by: 'attestor' }])
})

test.each<[string, (no: Pushed) => void]>([
  ['its manifest cannot be fetched', (no) => source.breakAt(no.digest, unavailable)],
  ['its manifest was not found', (no) => hideManifest(no.digest)],
  ['its signatures cannot be listed', (no) => failReferrersOf(no)],
  ['its signature cannot be fetched', (no) => source.breakAt(signatureOf(no), unavailable)],
  ['its signature was not found', (no) => hideManifest(signatureOf(no))],
  ['its content cannot be fetched', () => source.breakAt(digestOf(Buffer.from(NO)), unavailable)],
])('a second attestation that might say no leaves the outcome open when %s', async (_what, breakIt) => {
  attest('{"says":"yes"}')
  const no = attest(NO)
  expect(predicatesOf(await verify())).toEqual([{ says: 'yes' }, { says: 'no' }])
  breakIt(no)
  expect((await verify()).kind).toBe('inconclusive')
})

test('rejects a second attestation by the attestor whose content is invalid, because it might say no', async () => {
  attest('{"says":"yes"}')
  attest('{"says":"no","says":"yes"}')
  expect(await answer()).toBe('rejected ATTESTOR_PAYLOAD_INVALID')
})

test.each([
  ['a list', '[]', (manifest: object) => manifest],
  ['no JSON', 'x', (manifest: object) => manifest],
  ['a key twice', '{"a":1,"a":2}', (manifest: object) => manifest],
  ['no layers', '{}', (manifest: object) => ({ ...manifest, layers: [] })],
  ['another subject', '{}', (manifest: object) => ({ ...manifest, subject: targetOf(Buffer.from('x')) })],
])('rejects an attestation with %s', async (_what, content, manifest) => {
  attest(content, { manifest })
  expect(await answer()).toMatch(/^rejected ATTESTOR_PAYLOAD_(?:INVALID|MISMATCH)$/)
})

test('an unreachable registry, or an incomplete listing, is inconclusive', async () => {
  attest('{}')
  for (const part of ['manifest', 'referrers', 'blob']) {
    source.fault = (what) => (what === part ? sourceFault('REGISTRY_UNAVAILABLE', true) : undefined)
    expect(await answer()).toMatch(/^inconclusive/)
  }
  delete source.fault
  source.complete = false
  expect(await answer()).toBe('inconclusive ATTESTOR_SOURCE_UNAVAILABLE')
})

test('an attestation whose referrers are not found leaves the outcome open where the registry has the API', async () => {
  attest('{"says":"yes"}')
  const no = attest(NO)
  const { listReferrers } = source
  const missing = { descriptors: [], complete: true, source: 'none' } as const
  source.listReferrers = async (repository, digest, signal) =>
    digest === no.digest ? missing : listReferrers(repository, digest, signal)
  expect(await answer()).toBe('inconclusive ATTESTOR_SOURCE_UNAVAILABLE')

  // Control: without the API a missing fallback tag is the only sign that the attestation has no signature.
  source.listReferrers = async (repository, digest, signal) =>
    digest === no.digest ? missing : { ...(await listReferrers(repository, digest, signal)), source: 'fallback-tag' }
  expect(await answer()).toBe('accepted')
})
