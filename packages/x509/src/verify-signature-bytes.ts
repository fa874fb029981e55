import { constants, verify } from 'node:crypto'
import { isStrictEcdsaSignature } from './ecdsa-signature.ts'
import { hasCanonicalScalar, verifyEd25519ph } from './ed25519.ts'
import type { PublicKey } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'

/**
 * Whether `signature` is this key's signature over `data` by this algorithm.
 *
 * False, never an error, for everything else: another kind of key, a signature in another encoding, scalars out of range.
 * Each signature has one spelling, except that ECDSA's (r, s) and (r, n − s) are both genuine and both accepted.
 * Whoever counts signatures counts keys.
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
