import { openDer } from './der/cursor.ts'
import { TAG } from './der/tag.ts'
import { readInteger } from './der/values.ts'
import type { Curve } from './public-key.ts'

const ORDERS: Readonly<Record<Curve, bigint>> = {
  'P-256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  'P-384': 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  'P-521':
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
}

/**
 * Whether a signature is `SEQUENCE { r, s }` in DER with both scalars in 1…n−1.
 *
 * Today's OpenSSL asks for the same. That each signature has one spelling is too much to leave to the build of a library.
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
