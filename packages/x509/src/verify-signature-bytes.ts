import { constants, verify } from 'node:crypto'
import { openDer } from './der/cursor.ts'
import { TAG } from './der/tag.ts'
import { readInteger } from './der/values.ts'
import { hasCanonicalScalar, verifyEd25519ph } from './ed25519.ts'
import type { Curve, PublicKey } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'

/**
 * Returns whether `signature` is this key's signature over `data` with this algorithm.
 *
 * False, never an error, for everything else: another kind of key, a signature in another encoding, scalars out of range.
 * Only one encoding of a signature is accepted, but ECDSA's (r, s) and (r, n − s) are both genuine: count keys, not
 * signatures.
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

function verifyByKind(key: PublicKey, algorithm: SignatureAlgorithm, data: Uint8Array, signature: Uint8Array): boolean {
  const hash = algorithm.slice(algorithm.lastIndexOf('-') + 1)
  switch (key.kind) {
    case 'ec':
      return (
        algorithm.startsWith('ecdsa-') &&
        isStrictEcdsaSignature(signature, key.curve) &&
        verify(hash, data, { key: key.keyObject, dsaEncoding: 'der' }, signature)
      )
    case 'rsa':
      if (algorithm.startsWith('rsa-pkcs1-'))
        return verify(hash, data, { key: key.keyObject, padding: constants.RSA_PKCS1_PADDING }, signature)
      return (
        algorithm.startsWith('rsa-pss-') &&
        verify(
          hash,
          data,
          {
            key: key.keyObject,
            padding: constants.RSA_PKCS1_PSS_PADDING,
            saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
          },
          signature,
        )
      )
    case 'ed25519':
      if (!hasCanonicalScalar(signature)) return false
      if (algorithm === 'ed25519ph') return verifyEd25519ph(key.spki.subarray(-32), data, signature)
      return algorithm === 'ed25519' && verify(null, data, key.keyObject, signature)
  }
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
