import {
  decodeCanonicalBase64,
  decodeCanonicalBase64Url,
  isJsonObject,
  type JsonObject,
  ownMember,
  parseDocument,
} from '@verify-images/primitives'
import { errors, flattenedVerify } from 'jose'
import { MAX_CHAIN_CERTIFICATES, MAX_CRITICAL_NAMES, MAX_ENVELOPE_TOKENS, MAX_TIMESTAMP_BYTES } from '../limits.ts'
import { shown } from '../notary-error.ts'
import {
  ATTRIBUTE,
  UNSIGNED,
  checkCriticalAttributes,
  checkSigningScheme,
  checkTimes,
  parseDateTime,
  signingTimeAttribute,
} from './critical-attributes.ts'
import { invalidEnvelope, invalidSignature, readCertificates } from './envelope.ts'
import type { Envelope, SignedAttributes, UnverifiedEnvelope } from './envelope.ts'
import { signatureAlgorithmOf } from './signature-algorithm.ts'

/**
 * Parses a JWS in flattened JSON form and verifies its signature with the key of its first certificate.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID, ATTESTOR_CERTIFICATE_INVALID
 * @see Notary Project, JWS signature envelope; RFC 7515, 7.2.2
 */
export async function openJws(bytes: Uint8Array): Promise<Envelope> {
  const document = readFlattened(bytes)
  const chain = readCertificates(readChain(document.header))
  const protectedHeader = readProtected(document.protected)
  const { name } = signatureAlgorithmOf(chain[0].publicKey)
  const alg = ownMember(protectedHeader, 'alg')
  if (alg !== name) {
    const actual = typeof alg === 'string' ? shown(alg) : 'none'
    throw invalidEnvelope(`\`alg\`: expected ${name}, which the key determines, got \`${actual}\``, {
      expected: name,
      actual,
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
 * Parses a JWS without verifying it.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID
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

/** Counts tokens before anything is built, because nothing is verified yet. */
const LIMITS = { maxTokens: MAX_ENVELOPE_TOKENS } as const

interface FlattenedJws {
  readonly payload: string
  readonly protected: string
  readonly signature: string
  readonly header: JsonObject
}

function readFlattened(bytes: Uint8Array): FlattenedJws {
  const document = parseDocument(bytes, 'the envelope', 'ATTESTOR_SIGNATURE_INVALID', LIMITS)
  // With a signature of its own, `signatures` would be a second JWS inside the first.
  if (!isJsonObject(document) || Object.hasOwn(document, 'signatures')) throw notFlattened()
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
    throw notFlattened()
  }
  return { payload, protected: protectedText, signature, header }
}

function notFlattened(): Error {
  return invalidEnvelope('envelope: expected a JWS in flattened form')
}

function readChain(header: JsonObject): readonly Uint8Array[] {
  const texts = ownMember(header, 'x5c')
  if (!Array.isArray(texts)) return []
  return texts.slice(0, MAX_CHAIN_CERTIFICATES + 1).map((text) => {
    const der = typeof text === 'string' ? decodeCanonicalBase64(text) : undefined
    if (!der) throw invalidEnvelope('certificate of the envelope: expected canonical base64')
    return Uint8Array.from(der)
  })
}

function readTimestamp(header: JsonObject): Pick<Envelope, 'timestampToken'> {
  const text = ownMember(header, UNSIGNED.TIMESTAMP)
  if (text === undefined) return {}
  const token = typeof text === 'string' ? decodeCanonicalBase64(text) : undefined
  if (!token || token.length > MAX_TIMESTAMP_BYTES)
    throw invalidEnvelope(
      `timestamp of the envelope: expected canonical base64 of at most ${MAX_TIMESTAMP_BYTES} bytes`,
    )
  return { timestampToken: Uint8Array.from(token) }
}

function readProtected(text: string): JsonObject {
  const header = parseDocument(
    decode(text, 'the protected header'),
    'the protected header',
    'ATTESTOR_SIGNATURE_INVALID',
    LIMITS,
  )
  if (!isJsonObject(header)) throw invalidEnvelope('protected header: expected an object')
  // `b64: false` would change what is signed.
  if (Object.hasOwn(header, 'b64')) throw invalidEnvelope('protected header: `b64` is not supported')
  return header
}

async function verify(
  jws: FlattenedJws,
  header: JsonObject,
  algorithm: string,
  key: Envelope['chain'][0]['publicKey'],
): Promise<void> {
  // The library does not know Notary's attributes; `checkCriticalAttributes` checks which are supported.
  const critical = listCritical(header).map((name) => [name, true] as const)
  try {
    await flattenedVerify({ ...jws }, key.keyObject, { algorithms: [algorithm], crit: Object.fromEntries(critical) })
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) throw invalidSignature(key)
    throw invalidEnvelope('envelope: expected a valid JWS', { cause: error })
  }
}

function listCritical(header: JsonObject): readonly string[] {
  const names = ownMember(header, 'crit')
  if (names === undefined) return []
  if (!Array.isArray(names) || names.length > MAX_CRITICAL_NAMES || !names.every((name) => typeof name === 'string')) {
    throw invalidEnvelope(`critical attributes: expected at most ${MAX_CRITICAL_NAMES} strings`)
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
  if (!signingTime) throw invalidEnvelope('the signing time is missing')
  checkTimes(signingTime, expiry)
  if (typeof contentType !== 'string') throw invalidEnvelope('content type: expected a string')
  return { contentType, signingScheme, signingTime, ...(expiry && { expiry }) }
}

function readTime(header: JsonObject, name: string): Date | undefined {
  if (!Object.hasOwn(header, name)) return undefined
  const text = header[name]
  const time = typeof text === 'string' ? parseDateTime(text) : undefined
  if (!time) throw invalidEnvelope(`\`${name}\`: expected a date and time`)
  return time
}

function decode(text: string, what: string): Uint8Array {
  const bytes = decodeCanonicalBase64Url(text)
  if (!bytes) throw invalidEnvelope(`${what}: expected canonical base64url`)
  return bytes
}
