import { createHash, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { CertificateError } from './certificate-error.ts'
import { openDer } from './der/cursor.ts'
import type { DerCursor } from './der/cursor.ts'
import { TAG } from './der/tag.ts'
import { readInteger, readOctetsOfBitString, readOid } from './der/values.ts'
import { checkEd25519Point } from './ed25519.ts'
import { MAX_PUBLIC_KEY_BYTES, MAX_RSA_BITS, MIN_RSA_BITS } from './limits.ts'
import { readPem } from './pem.ts'

export type Curve = 'P-256' | 'P-384' | 'P-521'

interface AnyPublicKey {
  readonly bits: number
  /** The `SubjectPublicKeyInfo`. Only one encoding of each key is accepted, so equal keys have equal bytes. */
  readonly spki: Uint8Array
  /** SHA-256 of {@link spki} in hex. It identifies the key. */
  readonly fingerprint: string
  readonly keyObject: KeyObject
}

export type PublicKey =
  | (AnyPublicKey & { readonly kind: 'ec'; readonly curve: Curve })
  | (AnyPublicKey & { readonly kind: 'rsa' })
  | (AnyPublicKey & { readonly kind: 'ed25519' })

type KeyShape =
  | { readonly kind: 'ec'; readonly curve: Curve; readonly bits: number }
  | { readonly kind: 'rsa' | 'ed25519'; readonly bits: number }

/**
 * Parses a public key: DER of a `SubjectPublicKeyInfo`, or PEM text with exactly one `PUBLIC KEY` block.
 *
 * P-256, P-384, P-521, RSA of 2048–8192 bits, Ed25519. Compressed points and explicit curve parameters are rejected as
 * in Go: they would be second encodings of a key. So are keys for which everyone can make signatures: points off the
 * curve or of small order, even and tiny RSA exponents.
 *
 * @throws CertificateError CERTIFICATE_KEY_REFUSED, CERTIFICATE_PEM_INVALID, CERTIFICATE_DER_INVALID,
 *   CERTIFICATE_MALFORMED,
 *   CERTIFICATE_LIMIT_EXCEEDED
 * @see RFC 5280, 4.1.2.7; RFC 5480; RFC 8410
 */
export function parsePublicKey(input: string | Uint8Array): PublicKey {
  const spki =
    typeof input === 'string'
      ? readPem(input, { labels: ['PUBLIC KEY'], maxBlocks: 1 })[0].bytes
      : Uint8Array.from(input)
  const cursor = openDer(spki, 'public key', { maxBytes: MAX_PUBLIC_KEY_BYTES }).enter(TAG.SEQUENCE, 'key')
  const algorithm = cursor.enter(TAG.SEQUENCE, 'algorithm')
  const oid = readOid(algorithm.read(TAG.OBJECT_IDENTIFIER, 'algorithm'))
  const bits = readOctetsOfBitString(cursor.read(TAG.BIT_STRING, 'key bits'), 'public key')
  cursor.end()

  const check = KEY_KINDS.get(oid)
  if (!check) throw refused(`expected an RSA, ECDSA or Ed25519 key, got algorithm ${oid}`)
  const shape = check(algorithm, bits)
  algorithm.end()
  return { ...shape, spki, fingerprint: createHash('sha256').update(spki).digest('hex'), keyObject: importKey(spki) }
}

const KEY_KINDS: ReadonlyMap<string, (parameters: DerCursor, bits: Uint8Array) => KeyShape> = new Map([
  ['1.2.840.10045.2.1', readEcKey],
  ['1.2.840.113549.1.1.1', readRsaKey],
  ['1.3.101.112', readEd25519Key],
])

const CURVES: ReadonlyMap<string, { readonly curve: Curve; readonly bits: number }> = new Map([
  ['1.2.840.10045.3.1.7', { curve: 'P-256', bits: 256 }],
  ['1.3.132.0.34', { curve: 'P-384', bits: 384 }],
  ['1.3.132.0.35', { curve: 'P-521', bits: 521 }],
])

function readEcKey(parameters: DerCursor, point: Uint8Array): KeyShape {
  if (parameters.nextTag !== TAG.OBJECT_IDENTIFIER) throw refused('expected a named curve')
  const oid = readOid(parameters.read(TAG.OBJECT_IDENTIFIER, 'curve'))
  const curve = CURVES.get(oid)
  if (!curve) throw refused(`expected the curve P-256, P-384 or P-521, got ${oid}`)
  if (point[0] !== 4 || point.length !== 1 + 2 * Math.ceil(curve.bits / 8))
    throw refused('expected a point in uncompressed form')
  return { kind: 'ec', ...curve }
}

function readRsaKey(parameters: DerCursor, bits: Uint8Array): KeyShape {
  if (parameters.nextTag !== TAG.NULL) throw refused('expected NULL as the parameters of an RSA key')
  parameters.next('parameters')
  const cursor = openDer(bits, 'RSA key', { maxBytes: MAX_PUBLIC_KEY_BYTES }).enter(TAG.SEQUENCE, 'key')
  const modulus = readInteger(cursor.read(TAG.INTEGER, 'modulus'))
  const exponent = readInteger(cursor.read(TAG.INTEGER, 'exponent'))
  cursor.end()
  const size = modulus > 0n ? modulus.toString(2).length : 0
  if (size < MIN_RSA_BITS || size > MAX_RSA_BITS)
    throw refused(`expected an RSA key of ${MIN_RSA_BITS}–${MAX_RSA_BITS} bits, got ${size}`)
  if (modulus % 2n === 0n) throw refused('expected an odd RSA modulus')
  // With e = 1 the padded digest is its own signature. The upper bound is Go's.
  if (exponent < 3n || exponent % 2n === 0n || exponent >= 2n ** 31n)
    throw refused('expected an odd RSA exponent between 3 and 2³¹')
  return { kind: 'rsa', bits: size }
}

function readEd25519Key(_parameters: DerCursor, point: Uint8Array): KeyShape {
  const problem = checkEd25519Point(point)
  if (problem !== undefined) throw refused(problem)
  return { kind: 'ed25519', bits: 256 }
}

/** OpenSSL decides last: it checks that a point is on its curve. */
function importKey(spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  } catch (cause) {
    throw new CertificateError('CERTIFICATE_KEY_REFUSED', 'public key: expected a valid key', { cause })
  }
}

function refused(problem: string): CertificateError {
  return new CertificateError('CERTIFICATE_KEY_REFUSED', `public key: ${problem}`)
}
