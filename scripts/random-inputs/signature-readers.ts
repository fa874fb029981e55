// Readers of what signers and strangers store beside an image.

import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { trustedRoot } from '../../packages/attestor-evaluator/src/index.ts'
import { bundleLayer } from '../../packages/attestor-evaluator/src/bundle/bundle-manifest.ts'
import { parseBundle } from '../../packages/attestor-evaluator/src/bundle/parse-bundle.ts'
import { readStatement as readBundleStatement } from '../../packages/attestor-evaluator/src/bundle/statement.ts'
import { parseEnvelope } from '../../packages/attestor-evaluator/src/cosign/envelope.ts'
import { parseSignatureManifest } from '../../packages/attestor-evaluator/src/cosign/signature-manifest.ts'
import { parseSimpleSigning } from '../../packages/attestor-evaluator/src/cosign/simple-signing.ts'
import { readStatement } from '../../packages/attestor-evaluator/src/cosign/statement.ts'
import { verifyCheckpoint } from '../../packages/attestor-evaluator/src/sigstore/checkpoint.ts'
import { parseLogAnnotation } from '../../packages/attestor-evaluator/src/sigstore/log-annotation.ts'
import { requireLogged } from '../../packages/attestor-evaluator/src/sigstore/log-body.ts'
import { parseSctList } from '../../packages/attestor-evaluator/src/sigstore/parse-sct-list.ts'
import { parseTimestampAnnotation } from '../../packages/attestor-evaluator/src/sigstore/timestamp-authority.ts'
import { readCorpusBundle } from '../../packages/attestor-evaluator/src/testing/corpus-bundle.ts'
import { readCorpusText } from '../../packages/attestor-evaluator/src/testing/corpus-source.ts'
import { createTestLog } from '../../packages/attestor-evaluator/src/testing/test-log.ts'
import { parseTrustPolicy } from '../../packages/notary/src/index.ts'
import { openEnvelope } from '../../packages/notary/src/envelope/open-envelope.ts'
import { readPayload } from '../../packages/notary/src/payload.ts'
import { readOcspResponse } from '../../packages/notary/src/revocation/ocsp-response.ts'
import { readRevocationList } from '../../packages/notary/src/revocation/revocation-list.ts'
import { makeAnswer, makeList, NOW } from '../../packages/notary/src/testing/revocation-world.ts'
import { COSE, JWS, makeAuthority, makeCose, makeJws, parsed } from '../../packages/notary/src/testing/signing-world.ts'
import {
  checkJsonShape,
  createEvaluationBudget,
  digestOf,
  type Json,
  parseDocument,
  parseStrictJson,
  parsePayloadDocument,
  payloadsInMemory,
} from '../../packages/primitives/src/index.ts'
import {
  parseCertificate,
  parseCertificates,
  parsePublicKey,
  parseTimestampToken,
  readPem,
} from '../../packages/x509/src/index.ts'
import { bytes, changed, changedBytes, flipped, pem, text } from './arbitraries.ts'
import { reader, type Reader } from './reader.ts'

const HEX = 'a'.repeat(64)
const DIGEST = digestOf(Buffer.from('image'))
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'
const LAYER: Json = {
  mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
  digest: `sha256:${HEX}`,
  size: 2,
  annotations: { 'dev.cosignproject.cosign/signature': 'AAAA' },
}
const SIGNATURES: Json = { schemaVersion: 2, mediaType: MANIFEST_TYPE, config: LAYER, layers: [LAYER, LAYER] }
const REFERRER: Json = {
  ...SIGNATURES,
  artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  subject: { mediaType: MANIFEST_TYPE, digest: DIGEST, size: 2 },
  layers: [{ mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', digest: `sha256:${HEX}`, size: 2 }],
}
const ENVELOPE: Json = {
  payloadType: 'application/vnd.in-toto+json',
  payload: 'e30=',
  signatures: [{ keyid: '', sig: 'AAAA' }],
}
const STATEMENT: Json = {
  _type: 'https://in-toto.io/Statement/v1',
  predicateType: 'https://example.com/t',
  subject: [{ name: 'a', digest: { sha256: DIGEST.slice('sha256:'.length) } }],
  predicate: { a: [1, { b: null }] },
}
const SIMPLE_SIGNING: Json = {
  critical: {
    identity: { 'docker-reference': 'a' },
    image: { 'docker-manifest-digest': DIGEST },
    type: 'cosign container image signature',
  },
  optional: { a: 'b' },
}
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const KEY = {
  pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  spki: publicKey.export({ type: 'spki', format: 'der' }),
}
const DATA = Buffer.from('data')
const base64 = (content: string): string => Buffer.from(content).toString('base64')
const LOG_BODY: Json = {
  apiVersion: '0.0.1',
  kind: 'hashedrekord',
  spec: {
    data: { hash: { algorithm: 'sha256', value: digestOf(DATA).slice('sha256:'.length) } },
    signature: { content: base64('signature'), publicKey: { content: base64(KEY.pem) } },
  },
}
const LOG_ANNOTATION: Json = {
  SignedEntryTimestamp: 'AAAA',
  Payload: { body: base64(JSON.stringify(LOG_BODY)), integratedTime: 1, logIndex: 2, logID: HEX },
}
const TRUST_POLICY: Json = {
  version: '1.0',
  trustPolicies: [
    {
      name: 'p',
      registryScopes: ['registry.test/app'],
      signatureVerification: { level: 'strict', override: { expiry: 'log' } },
      trustStores: ['ca:acme'],
      trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme'],
    },
  ],
}
const BUNDLE: Json = JSON.parse(readCorpusBundle('bundle-a').text)
const TRUSTED_ROOT: Json = JSON.parse(readCorpusText('registry/trust/sigstore-1/trusted_root.json'))

const LOGGED = {
  signature: Buffer.from('signature'),
  signer: { kind: 'key', der: KEY.spki },
  content: { kind: 'bytes', bytes: DATA },
} as const
const log = createTestLog(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
const NOTE = Buffer.from(log.note(`log.test - 1\n7\n${Buffer.alloc(32).toString('base64')}\n`))
const authority = makeAuthority()
const signer = authority.signer({ serialNumber: 4711n })
const [certificate, root] = parsed(...signer.chain)
if (root === undefined) throw new Error('no root')
const REVOCATION = { certificate, issuer: root, now: NOW }
const signal = new AbortController().signal
const syntaxError = (error: unknown): boolean => error instanceof SyntaxError

const work = (): Parameters<typeof openEnvelope>[2] => ({ signal, budget: createEvaluationBudget(), by: 'random' })
/** Everything but the longest string of a document is cut off. */
const CUT: Parameters<typeof parsePayloadDocument>[1] = {
  path: ['payload'],
  dialect: 'go',
  maxTokens: 100,
  maxOtherBytes: 300,
  what: 'the envelope',
  code: 'ATTESTOR_PAYLOAD_INVALID',
  signal,
}
const manifestOf = (document: Uint8Array): Parameters<typeof parseSignatureManifest>[0] => ({
  bytes: document,
  mediaType: MANIFEST_TYPE,
  digest: DIGEST,
})
/** A JWS of which the text, or one of its encoded parts, is changed. */
const jws = fc.oneof(flipped(makeJws(signer)), changedBytes(JSON.parse(Buffer.from(makeJws(signer)).toString())))

export const SIGNATURE_READERS: readonly Reader[] = [
  reader(
    'checkJsonShape',
    fc.oneof(changedBytes(STATEMENT), bytes),
    (value) => checkJsonShape(value, { maxTokens: 20, maxDepth: 4 }),
    syntaxError,
  ),
  reader('parseStrictJson', fc.oneof(changedBytes(STATEMENT), text), (value) => parseStrictJson(value), syntaxError),
  reader('parseDocument', text, (value) => parseDocument(value, 'text', 'ATTESTOR_PAYLOAD_INVALID')),
  reader('signature manifest', changedBytes(SIGNATURES), (value) => parseSignatureManifest(manifestOf(value))),
  reader('manifest of a bundle', changedBytes(REFERRER), (value) => bundleLayer(manifestOf(value), DIGEST)),
  reader('simple signing payload', changedBytes(SIMPLE_SIGNING), (value) => parseSimpleSigning(value)),
  reader('envelope', changedBytes(ENVELOPE), (value) => parseEnvelope(value, signal)),
  reader('payload in slices', changedBytes(ENVELOPE), (value) => parsePayloadDocument(value, CUT)),
  reader('statement of cosign', changedBytes(STATEMENT), async (value) =>
    readStatement(await payloadsInMemory.read(value, 'predicate', 'the statement'), DIGEST),
  ),
  reader('statement of a bundle', changedBytes(STATEMENT), async (value) =>
    readBundleStatement(await payloadsInMemory.read(value, 'predicate', 'the statement'), DIGEST),
  ),
  reader('bundle', changedBytes(BUNDLE), (value) => parseBundle(value)),
  reader(
    'log annotation',
    changed(LOG_ANNOTATION).map((value) => JSON.stringify(value)),
    (value) => parseLogAnnotation(value),
  ),
  reader('log body', changedBytes(LOG_BODY), (body) => requireLogged({ ...log.entry(body), body }, LOGGED, signal)),
  reader(
    'checkpoint',
    fc.oneof(
      flipped(NOTE).map((note) => Buffer.from(note).toString()),
      text,
    ),
    (note) => verifyCheckpoint(note, log.key),
  ),
  reader('SCT list', bytes, (value) => parseSctList(value)),
  reader(
    'timestamp annotation',
    changed({ SignedRFC3161Timestamp: 'AAAA' }).map((value) => JSON.stringify(value)),
    (value) => parseTimestampAnnotation(value),
  ),
  reader(
    'trusted root',
    fc.oneof(
      changed(TRUSTED_ROOT).map((value) => JSON.stringify(value)),
      text,
    ),
    (value) => trustedRoot(value),
  ),
  reader('Notary envelope, JWS', jws, (value) => openEnvelope(JWS, value, work())),
  reader('Notary envelope, COSE', fc.oneof(flipped(makeCose(signer)), bytes), (value) =>
    openEnvelope(COSE, value, work()),
  ),
  reader('Notary payload', changedBytes({ targetArtifact: LAYER }), (value) => readPayload(value)),
  reader(
    'trust policy',
    fc.oneof(
      changed(TRUST_POLICY).map((value) => JSON.stringify(value)),
      text,
    ),
    (value) => parseTrustPolicy(value),
  ),
  reader('OCSP response', fc.oneof(flipped(makeAnswer(authority, 4711n)), bytes), (value) =>
    readOcspResponse(value, REVOCATION),
  ),
  reader('revocation list', fc.oneof(flipped(makeList(authority)), bytes), (value) =>
    readRevocationList(value, REVOCATION, signal),
  ),
  reader('parseCertificate', fc.oneof(bytes, flipped(certificate.raw), pem, text), (value) => parseCertificate(value)),
  reader('parseCertificates', fc.oneof(pem, text), (value) => parseCertificates(value)),
  reader('parsePublicKey', fc.oneof(bytes, flipped(certificate.publicKey.spki), text), (value) =>
    parsePublicKey(value),
  ),
  reader('readPem', fc.oneof(pem, text), (value) => readPem(value, { labels: ['CERTIFICATE'] })),
  reader('parseTimestampToken', bytes, (value) => parseTimestampToken(value)),
]
