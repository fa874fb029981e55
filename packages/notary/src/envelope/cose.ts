import { constants, verify } from 'node:crypto'
import type { PublicKey } from '@verify-images/x509'
import { Tag, encode } from 'cbor2'
import { MAX_CHAIN_CERTIFICATES, MAX_TIMESTAMP_BYTES } from '../limits.ts'
import { parseStrictCbor } from './cbor.ts'
import {
  ATTRIBUTE,
  UNSIGNED,
  checkCriticalAttributes,
  checkSigningScheme,
  checkTimes,
  signingTimeAttribute,
} from './critical-attributes.ts'
import { invalidEnvelope, invalidSignature, readCertificates } from './envelope.ts'
import type { Envelope, SignedAttributes, UnverifiedEnvelope } from './envelope.ts'
import { signatureAlgorithmOf } from './signature-algorithm.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'

/** Labels of COSE headers. @see RFC 9052, 3.1; RFC 9360, 2 */
const LABEL = { ALGORITHM: 1, CRITICAL: 2, CONTENT_TYPE: 3, CERTIFICATES: 33 } as const
const COSE_SIGN1 = 18
const EPOCH_TIME = 1

type Header = ReadonlyMap<unknown, unknown>

/**
 * Parses a tagged COSE_Sign1 message and verifies its signature with the key of its first certificate.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID, ATTESTOR_CERTIFICATE_INVALID
 * @see Notary Project, COSE signature envelope; RFC 9052, 4.2 and 4.4
 */
export function openCose(bytes: Uint8Array): Envelope {
  const { protectedBytes, unprotectedHeader, payload, signature } = readMessage(bytes)
  const chain = readCertificates(readChain(unprotectedHeader))
  const protectedHeader = readMap(parseStrictCbor(protectedBytes, 'the protected header'), 'the protected header')
  if (
    [...protectedHeader.keys()].some((label) => unprotectedHeader.has(label)) ||
    NEVER_UNPROTECTED.some((label) => unprotectedHeader.has(label))
  ) {
    throw invalidEnvelope('a protected header is also, or only, in the unprotected header')
  }
  const algorithm = signatureAlgorithmOf(chain[0].publicKey)
  if (protectedHeader.get(LABEL.ALGORITHM) !== algorithm.cose) {
    throw invalidEnvelope(`algorithm in the protected header: expected ${algorithm.name}, which the key determines`, {
      expected: String(algorithm.cose),
    })
  }
  const signed = encode(['Signature1', protectedBytes, new Uint8Array(), payload])
  if (!verifies(chain[0].publicKey, algorithm, Uint8Array.from(signed), signature))
    throw invalidSignature(chain[0].publicKey)
  return {
    format: 'cose',
    payload,
    attributes: readAttributes(protectedHeader),
    chain,
    signature,
    ...readTimestamp(unprotectedHeader),
  }
}

/**
 * Parses a COSE_Sign1 message without verifying it.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID
 */
export function dissectCose(bytes: Uint8Array): UnverifiedEnvelope {
  const { protectedBytes, unprotectedHeader, payload } = readMessage(bytes)
  return {
    format: 'cose',
    payload: () => payload,
    attributes: () =>
      readAttributes(readMap(parseStrictCbor(protectedBytes, 'the protected header'), 'the protected header')),
    chain: () => readCertificates(readChain(unprotectedHeader)),
    timestampToken: () => readTimestamp(unprotectedHeader).timestampToken,
  }
}

const NEVER_UNPROTECTED: readonly unknown[] = [
  LABEL.ALGORITHM,
  LABEL.CRITICAL,
  LABEL.CONTENT_TYPE,
  ...Object.values(ATTRIBUTE),
]

interface Sign1Message {
  readonly protectedBytes: Uint8Array
  readonly unprotectedHeader: Header
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

function readMessage(bytes: Uint8Array): Sign1Message {
  const message = parseStrictCbor(bytes, 'the envelope')
  const parts = message instanceof Tag && message.tag === COSE_SIGN1 ? message.contents : undefined
  if (!Array.isArray(parts) || parts.length !== 4) throw notSign1()
  const [protectedBytes, unprotected, payload, signature]: readonly unknown[] = parts
  // A null payload is detached: then the envelope does not say what was signed.
  if (!isBytes(protectedBytes) || !isBytes(payload) || !isBytes(signature)) throw notSign1()
  return { protectedBytes, payload, signature, unprotectedHeader: readMap(unprotected, 'the unprotected header') }
}

function notSign1(): Error {
  return invalidEnvelope('envelope: expected a tagged COSE_Sign1 message')
}

function readMap(value: unknown, what: string): Header {
  if (!(value instanceof Map)) throw invalidEnvelope(`${what}: expected a map`)
  return value
}

function readChain(header: Header): readonly Uint8Array[] {
  const certificates: unknown = header.get(LABEL.CERTIFICATES)
  if (!Array.isArray(certificates)) return []
  const list: readonly unknown[] = certificates.slice(0, MAX_CHAIN_CERTIFICATES + 1)
  return list.map((der) => {
    if (!isBytes(der)) throw invalidEnvelope('certificate of the envelope: expected a byte string')
    return Uint8Array.from(der)
  })
}

function readTimestamp(header: Header): Pick<Envelope, 'timestampToken'> {
  const token = header.get(UNSIGNED.TIMESTAMP)
  if (token === undefined) return {}
  if (!isBytes(token) || token.length > MAX_TIMESTAMP_BYTES)
    throw invalidEnvelope(`timestamp of the envelope: expected a byte string of at most ${MAX_TIMESTAMP_BYTES} bytes`)
  return { timestampToken: Uint8Array.from(token) }
}

function readAttributes(header: Header): SignedAttributes {
  const names: ReadonlySet<unknown> = new Set(header.keys())
  const signingScheme = checkSigningScheme(header.get(ATTRIBUTE.SIGNING_SCHEME), names)
  const critical: unknown = header.get(LABEL.CRITICAL) ?? []
  if (!Array.isArray(critical)) throw invalidEnvelope('critical attributes: expected an array')
  checkCriticalAttributes({ names, critical, scheme: signingScheme })
  const signingTime = readTime(header, signingTimeAttribute(signingScheme))
  const expiry = readTime(header, ATTRIBUTE.EXPIRY)
  const contentType = header.get(LABEL.CONTENT_TYPE)
  if (!signingTime) throw invalidEnvelope('the signing time is missing')
  checkTimes(signingTime, expiry)
  if (typeof contentType !== 'string') throw invalidEnvelope('content type: expected a string')
  return { contentType, signingScheme, signingTime, ...(expiry && { expiry }) }
}

/** Seconds since 1970, with the tag for epoch time; an untagged number could be anything. */
function readTime(header: Header, name: string): Date | undefined {
  if (!header.has(name)) return undefined
  const value = header.get(name)
  const seconds = value instanceof Tag && value.tag === EPOCH_TIME ? value.contents : undefined
  const time = typeof seconds === 'number' && Number.isSafeInteger(seconds) ? new Date(seconds * 1000) : undefined
  if (!time || Number.isNaN(time.getTime())) throw invalidEnvelope(`\`${name}\`: expected a date and time`)
  return time
}

/** In COSE an ECDSA signature is r and s concatenated, each as long as the curve. */
function verifies(key: PublicKey, { hash }: SignatureAlgorithm, data: Uint8Array, signature: Uint8Array): boolean {
  const options =
    key.kind === 'rsa'
      ? { key: key.keyObject, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { key: key.keyObject, dsaEncoding: 'ieee-p1363' as const }
  const length = Math.ceil(key.bits / 8) * (key.kind === 'rsa' ? 1 : 2)
  try {
    return signature.length === length && verify(hash, data, options, signature)
  } catch {
    return false
  }
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array
}
