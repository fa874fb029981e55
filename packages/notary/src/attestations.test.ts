import { summarize, type Summary } from './testing/summarize.ts'
import type { VerifiedAttestations } from '@verify-images/attestor-evaluator'
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

test('the statement is the manifest with type and predicate', async () => {
  attest('{"a":[1]}')
  const outcome = await verify()
  expect(outcome).toMatchObject({
    kind: 'accepted',
    digest: image.digest,
    statements: [
      {
        type: TYPE,
        predicate: { a: [1] },
        statement: { schemaVersion: 2, artifactType: TYPE, type: TYPE, predicate: { a: [1] } },
        evidence: { format: 'notary-jws', signedDigest: image.digest, predicateType: TYPE },
      },
    ],
  })
})

test('a type and a predicate of the manifest itself come first; a type that is no text is refused', async () => {
  attest('{}', { manifest: (manifest) => ({ ...manifest, type: 'other', predicate: 7 }) })
  expect(await verify()).toMatchObject({ statements: [{ type: 'other', predicate: 7 }] })
  source = createMemorySource()
  image = source.pushImage('v1')
  attest('{}', { manifest: (manifest) => ({ ...manifest, type: 7 }) })
  expect(await answer()).toBe('rejected ATTESTOR_PAYLOAD_INVALID')
})

test('only what the attestor signed: nobody, a stranger, or a signature of the image do not count', async () => {
  attest('{}', {}, null)
  source.pushSignature(image, JWS, makeJws(signer, { payload: payloadOf(targetOf(image.bytes)) }))
  expect(await verify()).toMatchObject({
    kind: 'rejected',
    reasons: [{ code: 'ATTESTOR_NO_SIGNATURE' }],
    upstreamText: expect.stringMatching(/^no signature is associated with /),
  })
  source = createMemorySource()
  image = source.pushImage('v1')
  attest('{}', {}, stranger)
  expect(await answer()).toBe('rejected ATTESTOR_CERTIFICATE_UNTRUSTED')
  expect(await answer(stranger.chain[1]?.pem)).toBe('accepted')
})

test('without certificates nothing is accepted', async () => {
  attest('{}', {}, null)
  expect(await verify('')).toMatchObject({
    kind: 'rejected',
    reasons: [{ code: 'ATTESTOR_POLICY_INVALID', difference: 'S8' }],
  })
})

test('the type is exact, and there may be none', async () => {
  attest('{}')
  for (const type of ['sbom/Example', 'sbom/example/', 'sbom', '']) {
    expect(await verify(undefined, type)).toMatchObject({
      kind: 'rejected',
      upstreamText: `no matching attestations found for image ${REPOSITORY}:v1 with type ${type}`,
      reasons: [{ code: 'ATTESTOR_STATEMENT_MISSING' }],
    })
  }
})

test('the listing cannot give an artifact another type', async () => {
  attest('{}', { artifactType: 'harmless/x' })
  expect(await answer()).toBe('rejected ATTESTOR_PAYLOAD_MISMATCH')
})

test('the first of the type decides', async () => {
  attest('{"first":true}')
  attest('{"first":false}')
  expect(await verify()).toMatchObject({ statements: [{ predicate: { first: true } }] })
})

test.each([
  ['a list', '[]', (manifest: object) => manifest],
  ['no JSON', 'x', (manifest: object) => manifest],
  ['a key twice', '{"a":1,"a":2}', (manifest: object) => manifest],
  ['no layers', '{}', (manifest: object) => ({ ...manifest, layers: [] })],
  ['another subject', '{}', (manifest: object) => ({ ...manifest, subject: targetOf(Buffer.from('x')) })],
])('refuses an attestation with %s', async (_what, content, manifest) => {
  attest(content, { manifest })
  expect(await answer()).toMatch(/^rejected ATTESTOR_PAYLOAD_(?:INVALID|MISMATCH)$/)
})

test('a registry that cannot be reached, or did not show everything, is inconclusive', async () => {
  attest('{}')
  for (const part of ['manifest', 'referrers', 'blob']) {
    source.fault = (what) => (what === part ? sourceFault('REGISTRY_UNAVAILABLE', true) : undefined)
    expect(await answer()).toMatch(/^inconclusive/)
  }
  delete source.fault
  source.complete = false
  expect(await answer()).toBe('inconclusive ATTESTOR_SOURCE_UNAVAILABLE')
})
