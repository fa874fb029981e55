import { ed25519, ed25519ph } from '@noble/curves/ed25519.js'

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

/** Whether S is below the group order. S + order would be a second encoding of the signature. */
export function hasCanonicalScalar(signature: Uint8Array): boolean {
  return signature.length === 64 && BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) < ORDER
}

/** Ed25519ph, which Node's crypto does not offer. */
export function verifyEd25519ph(point: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519ph.verify(signature, data, point, { zip215: false })
  } catch {
    return false
  }
}
