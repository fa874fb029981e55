import { parseDocument } from '@verify-images/attestor-evaluator'
import type { VerifiedStatement } from '@verify-images/attestor-evaluator'
import { errors, flattenedVerify } from 'jose'
import { decodeCanonicalBase64, decodeCanonicalBase64Url, isJsonObject, ownMember } from '@verify-images/primitives'
import { MAX_CRITICAL_NAMES, MAX_TIMESTAMP_BYTES } from '../limits.ts'
import { shown } from '../shown.ts'
import {
  ATTRIBUTE,
  UNSIGNED,
  checkCriticalAttributes,
  checkSigningScheme,
  checkTimes,
  signingTimeAttribute,
} from './critical-attributes.ts'
import { parseDateTime } from './date-time.ts'
import type { Envelope, SignedAttributes, UnverifiedEnvelope } from './envelope.ts'
import { readCertificates } from './read-certificates.ts'
import { refuseEnvelope, refuseSignature } from './refusal.ts'
import { signatureAlgorithmOf, verificationFailure } from './signature-algorithm.ts'

type JsonObject = VerifiedStatement['statement']

/**
 * Opens a JWS in flattened JSON form and verifies its signature by the key of the first certificate it brings.
 *
 * @throws AttestorError ATTESTOR_SIGNATURE_INVALID, ATTESTOR_CERTIFICATE_INVALID
 * @see Notary Project, JWS signature envelope; RFC 7515, 7.2.2
 */
export async function openJws(bytes: Uint8Array): Promise<Envelope> {
  const document = readFlattened(bytes)
  const chain = readCertificates(readChain(document.header))
  const protectedHeader = readProtected(document.protected)
  const { name } = signatureAlgorithmOf(chain[0].publicKey)
  const alg = ownMember(protectedHeader, 'alg')
  if (alg !== name) {
    const found = typeof alg === 'string' ? shown(alg) : 'none'
    throw refuseEnvelope(`the key signs by ${name}, and the header says \`${found}\``, {
      expected: name,
      actual: found,
      upstreamText: `signature is invalid. Error: signing method ${found} is invalid`,
    })
  }
  await verify(document, protectedHeader, name, chain[0].publicKey)
  return {
    format: 'jws',
    payload: decode(document.payload, 'the payload'),
    attributes: readAttributes(protectedHeader),
    chain,
    signature: decode(document.signature, 'the signature'),
    ...readTimestamp(document.header),
  }
}

/**
 * Takes a JWS apart and verifies nothing.
 *
 * @throws AttestorError ATTESTOR_SIGNATURE_INVALID
 */
export function dissectJws(bytes: Uint8Array): UnverifiedEnvelope {
  const { payload, protected: protectedText, header } = readFlattened(bytes)
  return {
    format: 'jws',
    payload: () => decode(payload, 'the payload'),
    attributes: () => readAttributes(readProtected(protectedText)),
    chain: () => readCertificates(readChain(header)),
    timestampToken: () => readTimestamp(header).timestampToken,
  }
}

interface FlattenedJws {
  readonly payload: string
  readonly protected: string
  readonly signature: string
  readonly header: JsonObject
}

function readFlattened(bytes: Uint8Array): FlattenedJws {
  const document = parseDocument(bytes, 'the envelope', 'ATTESTOR_SIGNATURE_INVALID')
  // Beside a signature of its own, "signatures" would be a second document in the first one.
  if (!isJsonObject(document) || Object.hasOwn(document, 'signatures'))
    throw refuseEnvelope('the envelope is not a JWS in flattened form')
  const payload = ownMember(document, 'payload')
  const protectedText = ownMember(document, 'protected')
  const signature = ownMember(document, 'signature')
  const header = ownMember(document, 'header')
  if (
    typeof payload !== 'string' ||
    typeof protectedText !== 'string' ||
    typeof signature !== 'string' ||
    !isJsonObject(header)
  ) {
    throw refuseEnvelope('the envelope is not a JWS in flattened form', {
      upstreamText: 'certificate chain is not present',
    })
  }
  return { payload, protected: protectedText, signature, header }
}

function readChain(header: JsonObject): readonly Uint8Array[] {
  const texts = ownMember(header, 'x5c')
  if (!Array.isArray(texts)) return []
  return texts.map((text) => {
    const der = typeof text === 'string' ? decodeCanonicalBase64(text) : undefined
    if (!der) throw refuseEnvelope('a certificate of the envelope is not Base64')
    return Uint8Array.from(der)
  })
}

function readTimestamp(header: JsonObject): Pick<Envelope, 'timestampToken'> {
  const text = ownMember(header, UNSIGNED.TIMESTAMP)
  if (text === undefined) return {}
  const token = typeof text === 'string' ? decodeCanonicalBase64(text) : undefined
  if (!token || token.length > MAX_TIMESTAMP_BYTES)
    throw refuseEnvelope('the timestamp of the envelope is not Base64, or too long')
  return { timestampToken: Uint8Array.from(token) }
}

function readProtected(text: string): JsonObject {
  const header = parseDocument(
    decode(text, 'the protected header'),
    'the protected header',
    'ATTESTOR_SIGNATURE_INVALID',
  )
  if (!isJsonObject(header)) throw refuseEnvelope('the protected header is not an object')
  // It would change what is signed.
  if (Object.hasOwn(header, 'b64')) throw refuseEnvelope('the payload must be Base64')
  return header
}

async function verify(
  jws: FlattenedJws,
  header: JsonObject,
  algorithm: string,
  key: Envelope['chain'][0]['publicKey'],
): Promise<void> {
  // The library knows no attribute of ours; `checkCriticalAttributes` says which are understood.
  const critical = listCritical(header).map((name) => [name, true] as const)
  try {
    await flattenedVerify({ ...jws }, key.keyObject, { algorithms: [algorithm], crit: Object.fromEntries(critical) })
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) throw refuseSignature(verificationFailure(key))
    throw refuseEnvelope('the envelope is not a valid JWS', { cause: error })
  }
}

function listCritical(header: JsonObject): readonly string[] {
  const names = ownMember(header, 'crit')
  if (names === undefined) return []
  if (!Array.isArray(names) || names.length > MAX_CRITICAL_NAMES || !names.every((name) => typeof name === 'string')) {
    throw refuseEnvelope('the list of critical attributes is malformed')
  }
  return names
}

function readAttributes(header: JsonObject): SignedAttributes {
  const names: ReadonlySet<unknown> = new Set(Object.keys(header))
  const signingScheme = checkSigningScheme(ownMember(header, ATTRIBUTE.SIGNING_SCHEME), names)
  checkCriticalAttributes({ names, critical: listCritical(header), scheme: signingScheme })
  const signingTime = readTime(header, signingTimeAttribute(signingScheme))
  const expiry = readTime(header, ATTRIBUTE.EXPIRY)
  const contentType = ownMember(header, 'cty')
  if (!signingTime) throw refuseEnvelope('the time of signing is missing', { upstreamText: 'signing-time not present' })
  checkTimes(signingTime, expiry)
  if (typeof contentType !== 'string')
    throw refuseEnvelope('the content type is missing', { upstreamText: 'payload content type "" not supported' })
  return { contentType, signingScheme, signingTime, ...(expiry && { expiry }) }
}

function readTime(header: JsonObject, name: string): Date | undefined {
  if (!Object.hasOwn(header, name)) return undefined
  const text = header[name]
  const time = typeof text === 'string' ? parseDateTime(text) : undefined
  if (!time) throw refuseEnvelope(`\`${name}\` is not a date and time`)
  return time
}

function decode(text: string, what: string): Uint8Array {
  const bytes = decodeCanonicalBase64Url(text)
  if (!bytes) throw refuseEnvelope(`${what} is not Base64url`)
  return bytes
}
