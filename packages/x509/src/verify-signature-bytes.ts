import { constants, verify, type VerifyKeyObjectInput } from 'node:crypto'
import { openDer } from './der/cursor.ts'
import { TAG } from './der/tag.ts'
import { readInteger } from './der/values.ts'
import { hasCanonicalScalar, verifyEd25519ph } from './ed25519.ts'
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

/** Above this many bytes the hash takes longer than a round trip to the thread pool, which costs about 0.1 ms. */
const POOLED_BYTES = 256 * 1024

/**
 * Does the same as {@link verifySignatureBytes}, on another thread if the data is large: an attestation of 64 MB takes
 * a tenth of a second to hash.
 */
export async function verifySignatureInSlices(
  key: PublicKey,
  algorithm: SignatureAlgorithm,
  data: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (data.length < POOLED_BYTES || algorithm === 'ed25519ph')
    return verifySignatureBytes(key, algorithm, data, signature)
  try {
    const call = verificationOf(key, algorithm, signature)
    if (call === undefined) return false
    return await new Promise<boolean>((resolve, reject) => {
      verify(call.hash, data, call.key, signature, (error, isValid) =>
        error === null ? resolve(isValid) : reject(error),
      )
    })
  } catch {
    return false
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
