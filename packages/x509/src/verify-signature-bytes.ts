import { joined, type Message, messageLength, updateInSlices } from '@verify-images/primitives'
import { constants, createVerify, verify, type VerifyKeyObjectInput } from 'node:crypto'
import { openDer } from './der/cursor.ts'
import { TAG } from './der/tag.ts'
import { readInteger } from './der/values.ts'
import { hasCanonicalScalar, verifyEd25519InSlices, verifyEd25519ph } from './ed25519.ts'
import type { Curve, PublicKey } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'

/**
 * Returns whether `signature` is this key's signature over `data` with this algorithm.
 *
 * False, never an error, for everything else: another kind of key, a signature in another encoding, scalars out of
 * range. Only one encoding of a signature is accepted, but ECDSA's (r, s) and (r, n − s) are both genuine: count keys,
 * not signatures.
 */
export function verifySignatureBytes(
  key: PublicKey,
  algorithm: SignatureAlgorithm,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return verifyByKind(key, algorithm, data, signature)
  } catch {
    return false
  }
}

/** Bytes of one slice. Hashing it takes about 0.2 ms with hardware and 1 ms without. */
const BYTES_AT_ONCE = 256 * 1024

/**
 * Does the same as {@link verifySignatureBytes}, and lets the event loop turn between slices of a large message: an
 * attestation of 64 MB takes a tenth of a second to hash, and as long to copy to another thread.
 *
 * @throws the reason of the signal, when it was aborted
 */
export async function verifySignatureInSlices(
  key: PublicKey,
  algorithm: SignatureAlgorithm,
  message: Message,
  signature: Uint8Array,
  signal: AbortSignal,
): Promise<boolean> {
  if (messageLength(message) <= BYTES_AT_ONCE) return verifySignatureBytes(key, algorithm, joined(message), signature)
  if (key.kind === 'ed25519' && (algorithm === 'ed25519' || algorithm === 'ed25519ph'))
    return verifyEd25519InSlices(algorithm, key.spki.subarray(-32), message, signature, signal)
  const call = callOf(key, algorithm, signature)
  if (typeof call?.hash !== 'string') return false
  const verification = createVerify(call.hash)
  await updateInSlices(verification, message, signal)
  try {
    return verification.verify(call.key, signature)
  } catch {
    return false
  }
}

function callOf(key: PublicKey, algorithm: SignatureAlgorithm, signature: Uint8Array): VerificationCall | undefined {
  try {
    return verificationOf(key, algorithm, signature)
  } catch {
    return undefined
  }
}

function verifyByKind(key: PublicKey, algorithm: SignatureAlgorithm, data: Uint8Array, signature: Uint8Array): boolean {
  if (key.kind === 'ed25519' && algorithm === 'ed25519ph')
    return hasCanonicalScalar(signature) && verifyEd25519ph(key.spki.subarray(-32), data, signature)
  const call = verificationOf(key, algorithm, signature)
  return call !== undefined && verify(call.hash, data, call.key, signature)
}

interface VerificationCall {
  /** Null for Ed25519, which has its own. */
  readonly hash: string | null
  readonly key: VerifyKeyObjectInput
}

/** Returns how to call OpenSSL; undefined for another kind of key or a signature in another encoding. */
function verificationOf(
  { keyObject: key, ...shape }: PublicKey,
  algorithm: SignatureAlgorithm,
  signature: Uint8Array,
): VerificationCall | undefined {
  const hash = algorithm.slice(algorithm.lastIndexOf('-') + 1)
  if (shape.kind === 'ec') {
    const fits = algorithm.startsWith('ecdsa-') && isStrictEcdsaSignature(signature, shape.curve)
    return fits ? { hash, key: { key, dsaEncoding: 'der' } } : undefined
  }
  if (shape.kind === 'ed25519')
    return algorithm === 'ed25519' && hasCanonicalScalar(signature) ? { hash: null, key: { key } } : undefined
  if (algorithm.startsWith('rsa-pkcs1-')) return { hash, key: { key, padding: constants.RSA_PKCS1_PADDING } }
  if (!algorithm.startsWith('rsa-pss-')) return undefined
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
  return { hash, key: { key, padding, saltLength } }
}

const ORDERS: Readonly<Record<Curve, bigint>> = {
  'P-256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  'P-384': 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  'P-521':
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
}

/**
 * Returns whether a signature is `SEQUENCE { r, s }` in DER with both scalars in 1…n−1.
 *
 * OpenSSL checks the same today. That a signature has only one encoding must not depend on the version of a library.
 *
 * @throws CertificateError CERTIFICATE_DER_INVALID, CERTIFICATE_MALFORMED, CERTIFICATE_LIMIT_EXCEEDED
 */
export function isStrictEcdsaSignature(signature: Uint8Array, curve: Curve): boolean {
  const cursor = openDer(signature, 'ECDSA signature', { maxBytes: 160, maxElements: 3, maxDepth: 1 }).enter(
    TAG.SEQUENCE,
    'signature',
  )
  const scalars = [readInteger(cursor.read(TAG.INTEGER, 'r')), readInteger(cursor.read(TAG.INTEGER, 's'))]
  cursor.end()
  return scalars.every((scalar) => scalar > 0n && scalar < ORDERS[curve])
}
