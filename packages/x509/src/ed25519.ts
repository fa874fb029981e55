import { createHash } from 'node:crypto'
import { ed25519, ed25519ph } from '@noble/curves/ed25519.js'
import { equalBytes, hashInSlices, type Message, updateInSlices } from '@verify-images/primitives'

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

/** What is wrong with the encoding of a public key, if anything. */
export function checkEd25519Point(encoded: Uint8Array): string | undefined {
  if (encoded.length !== 32) return 'Ed25519 key that is not 32 octets'
  try {
    // Small order: the same signature would verify for every message.
    return ed25519.Point.fromBytes(encoded, false).isSmallOrder() ? 'Ed25519 key of small order' : undefined
  } catch {
    return 'Ed25519 key that is not a point in canonical form'
  }
}

/** Returns whether S is below the group order. S + order would be a second encoding of the signature. */
export function hasCanonicalScalar(signature: Uint8Array): boolean {
  return signature.length === 64 && littleEndian(signature.subarray(32)) < ORDER
}

/** Ed25519ph, which Node's crypto does not offer. */
export function verifyEd25519ph(point: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519ph.verify(signature, data, point, { zip215: false })
  } catch {
    return false
  }
}

/** What Ed25519ph hashes before everything else: `dom2(1, "")`. @see RFC 8032, 2 */
const PREHASHED_DOMAIN = Buffer.concat([Buffer.from('SigEd25519 no Ed25519 collisions'), Buffer.from([1, 0])])

/**
 * Verifies Ed25519 or Ed25519ph over a message of any size, which is hashed in slices: libraries take it in one piece
 * and hash it in one step.
 *
 * @throws the reason of the signal, when it was aborted
 * @see RFC 8032, 5.1.7
 */
export async function verifyEd25519InSlices(
  algorithm: 'ed25519' | 'ed25519ph',
  point: Uint8Array,
  message: Message,
  signature: Uint8Array,
  signal: AbortSignal,
): Promise<boolean> {
  if (!hasCanonicalScalar(signature) || checkEd25519Point(point) !== undefined) return false
  const hash = createHash('sha512')
  if (algorithm === 'ed25519ph') hash.update(PREHASHED_DOMAIN)
  hash.update(signature.subarray(0, 32)).update(point)
  if (algorithm === 'ed25519ph') hash.update(await hashInSlices('sha512', message, signal))
  else await updateInSlices(hash, message, signal)
  const key = ed25519.Point.fromBytes(point, false)
  const challenge = littleEndian(hash.digest()) % ORDER
  const scalar = littleEndian(signature.subarray(32))
  const commitment = ed25519.Point.BASE.multiplyUnsafe(scalar).subtract(key.multiplyUnsafe(challenge))
  return equalBytes(commitment.toBytes(), signature.subarray(0, 32))
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}
