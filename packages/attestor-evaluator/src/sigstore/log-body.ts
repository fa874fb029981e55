import {
  CheckError,
  type CheckErrorDetails,
  decodeCanonicalBase64,
  decodeDsseSignature,
  equalBytes,
  hashInSlices,
  isJsonArray,
  isJsonObject,
  type Json,
  type Message,
  ownMember,
  parseDocument,
} from '@verify-images/primitives'
import { createHash } from 'node:crypto'
import { CertificateError, readPem } from '@verify-images/x509'
import { MAX_LOG_BODY_BYTES, MAX_LOG_BODY_TOKENS } from '../limits.ts'
import type { LogEntry, LoggedSignature, LoggedSigner } from './log-entry.ts'

/**
 * Requires that a log entry is about exactly this signature: the signature's bytes, the key or certificate, and the
 * hash of what was signed must all be equal. A genuine entry of another signature differs in one of them.
 *
 * @throws CheckError ATTESTOR_LOG_ENTRY_INVALID
 * @see https://github.com/sigstore/rekor/tree/main/pkg/types
 */
export async function requireLogged(entry: LogEntry, logged: LoggedSignature, signal: AbortSignal): Promise<void> {
  if (entry.body.length > MAX_LOG_BODY_BYTES)
    throw invalid(`body of the log entry: expected at most ${MAX_LOG_BODY_BYTES} bytes, got ${entry.body.length}`)
  const body = parseDocument(entry.body, 'the body of the log entry', 'ATTESTOR_LOG_ENTRY_INVALID', {
    maxTokens: MAX_LOG_BODY_TOKENS,
  })
  if (at(body, 'kind') !== entry.kind || at(body, 'apiVersion') !== entry.version)
    throw invalid('the log entry and its body name different kinds')
  const check = checks.get(`${entry.kind}/${entry.version}/${logged.content.kind}`)
  if (check === undefined)
    throw invalid(
      `log entries of kind \`${shown(entry.kind)}\` version \`${shown(entry.version)}\` do not record such a signature`,
    )
  await check(at(body, 'spec'), logged, signal)
}

type BodyCheck = (spec: Json | undefined, logged: LoggedSignature, signal: AbortSignal) => Promise<void>

/** By kind, version, and what the signature is over. */
const checks: ReadonlyMap<string, BodyCheck> = new Map<string, BodyCheck>([
  [
    'hashedrekord/0.0.1/bytes',
    async (spec, logged, signal) => {
      expectBytes(base64(at(spec, 'signature', 'content')), logged.signature, 'signature')
      expectSigner(pem(base64(at(spec, 'signature', 'publicKey', 'content'))), logged)
      await expectHash(at(spec, 'data', 'hash'), signedBytes(logged), signal)
    },
  ],
  ['hashedrekord/0.0.2/bytes', checkHashedRekord2],
  ['hashedrekord/0.0.2/envelope', checkHashedRekord2],
  [
    'dsse/0.0.1/envelope',
    async (spec, logged, signal) => {
      const [signature] = single(at(spec, 'signatures'))
      expectBytes(envelopeSignature(at(signature, 'signature')), logged.signature, 'signature')
      expectSigner(pem(base64(at(signature, 'verifier'))), logged)
      await expectHash(at(spec, 'payloadHash'), payload(logged), signal)
      if (logged.content.kind === 'envelope' && logged.content.envelope)
        await expectHash(at(spec, 'envelopeHash'), logged.content.envelope, signal)
    },
  ],
  [
    'dsse/0.0.2/envelope',
    async (spec, logged, signal) => {
      const [signature] = single(at(spec, 'dsseV002', 'signatures'))
      expectBytes(base64(at(signature, 'content')), logged.signature, 'signature')
      expectSigner(verifier(at(signature, 'verifier')), logged)
      await expectDigest(at(spec, 'dsseV002', 'payloadHash'), payload(logged), signal)
    },
  ],
  [
    'intoto/0.0.1/envelope',
    async (spec, logged, signal) => {
      // This version records no signature; the hash of the uploaded envelope stands in for it.
      if (logged.content.kind !== 'envelope' || logged.content.envelope === undefined)
        throw invalid('the log entry records no signature')
      expectSigner(pem(base64(at(spec, 'publicKey'))), logged)
      await expectHash(at(spec, 'content', 'hash'), logged.content.envelope, signal)
    },
  ],
  [
    'intoto/0.0.2/envelope',
    async (spec, logged, signal) => {
      const [signature] = single(at(spec, 'content', 'envelope', 'signatures'))
      // The entry encodes the signature as base64 twice.
      expectBytes(envelopeSignature(base64(at(signature, 'sig')).toString('latin1')), logged.signature, 'signature')
      expectSigner(pem(base64(at(signature, 'publicKey'))), logged)
      await expectHash(at(spec, 'content', 'payloadHash'), payload(logged), signal)
      if (logged.content.kind === 'envelope' && logged.content.envelope)
        await expectHash(at(spec, 'content', 'hash'), logged.content.envelope, signal)
    },
  ],
])

async function checkHashedRekord2(spec: Json | undefined, logged: LoggedSignature, signal: AbortSignal): Promise<void> {
  const record = at(spec, 'hashedRekordV002')
  expectBytes(base64(at(record, 'signature', 'content')), logged.signature, 'signature')
  expectSigner(verifier(at(record, 'signature', 'verifier')), logged)
  await expectDigest(at(record, 'data'), signedBytes(logged), signal)
}

function signedBytes({ content }: LoggedSignature): Message {
  return content.kind === 'bytes' ? content.bytes : content.signedBytes
}

function payload({ content }: LoggedSignature): Uint8Array {
  return content.kind === 'bytes' ? content.bytes : content.payload
}

const hashNames: ReadonlyMap<Json | undefined, 'sha256' | 'sha384' | 'sha512'> = new Map([
  ['SHA2_256', 'sha256'],
  ['SHA2_384', 'sha384'],
  ['SHA2_512', 'sha512'],
])

/** `{ algorithm: 'sha256', value: hex }` of Rekor v1, which writes no other algorithm. */
async function expectHash(hash: Json | undefined, message: Message, signal: AbortSignal): Promise<void> {
  const expected = (await hashInSlices('sha256', message, signal)).toString('hex')
  if (at(hash, 'algorithm') !== 'sha256' || at(hash, 'value') !== expected)
    throw invalid('the log entry is about other content')
}

/** `{ algorithm: 'SHA2_256', digest: base64 }` of Rekor v2. */
async function expectDigest(hash: Json | undefined, message: Message, signal: AbortSignal): Promise<void> {
  const name = hashNames.get(at(hash, 'algorithm'))
  if (name === undefined) throw invalid('the log entry has an unknown hash algorithm')
  expectBytes(base64(at(hash, 'digest')), await hashInSlices(name, message, signal), 'content')
}

function expectSigner(found: LoggedSigner, { signer }: LoggedSignature): void {
  if (found.kind === signer.kind && equalBytes(found.der, signer.der)) return
  const [expected = '', actual = ''] = [signer, found].map(
    ({ kind, der }) => `${kind} ${createHash('sha256').update(der).digest('hex')}`,
  )
  throw invalid(`the log entry is about another ${signer.kind}`, { expected, actual })
}

function expectBytes(found: Uint8Array, expected: Uint8Array, what: 'signature' | 'content'): void {
  if (equalBytes(found, expected)) return
  throw invalid(
    `the log entry is about another ${what}`,
    what === 'signature' ? { detail: { kind: 'attestor-log-entry-of-another-signature' } } : {},
  )
}

/** Parses one PEM block: a certificate or a public key. */
function pem(bytes: Buffer): LoggedSigner {
  try {
    const [block, ...more] = readPem(bytes.toString('latin1'), { labels: ['CERTIFICATE', 'PUBLIC KEY'], maxBlocks: 1 })
    if (block !== undefined && more.length === 0)
      return { kind: block.label === 'CERTIFICATE' ? 'certificate' : 'key', der: block.bytes }
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
  }
  throw invalid('log entry: expected one certificate or public key in PEM')
}

function verifier(value: Json | undefined): LoggedSigner {
  const certificate = at(value, 'x509Certificate', 'rawBytes')
  const key = at(value, 'publicKey', 'rawBytes')
  if ((certificate === undefined) === (key === undefined))
    throw invalid('log entry: expected either a certificate or a public key')
  return certificate === undefined
    ? { kind: 'key', der: base64(key) }
    : { kind: 'certificate', der: base64(certificate) }
}

function single(value: Json | undefined): readonly [Json] {
  const [first, ...more] = isJsonArray(value) ? value : []
  if (first === undefined || more.length > 0) throw invalid('log entry: expected exactly one signature')
  return [first]
}

function base64(value: Json | undefined): Buffer {
  const bytes = typeof value === 'string' ? decodeCanonicalBase64(value) : undefined
  if (bytes === undefined) throw invalid('body of the log entry: expected canonical base64')
  return bytes
}

/** The log keeps the text that the envelope has, which need not be canonical. */
function envelopeSignature(value: Json | undefined): Buffer {
  const bytes = typeof value === 'string' ? decodeDsseSignature(value) : undefined
  if (bytes === undefined) throw invalid('body of the log entry: expected padded base64 as the signature')
  return bytes
}

function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (inner, name) => (isJsonObject(inner) ? ownMember(inner, name) : undefined),
    value,
  )
}

function shown(text: string): string {
  return text.replace(/[^\w.-]/g, '?').slice(0, 64)
}

function invalid(reason: string, details: CheckErrorDetails = {}): CheckError {
  return new CheckError('ATTESTOR_LOG_ENTRY_INVALID', reason, details)
}
