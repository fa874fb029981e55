import type { PublicKey } from '@verify-images/x509'
import { invalidEnvelope } from './envelope.ts'

/** How a key signs. In the Notary Project the type and size of a key determine its algorithm. */
export interface SignatureAlgorithm {
  readonly name: 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512'
  readonly cose: number
  readonly hash: 'sha256' | 'sha384' | 'sha512'
}

const PS256: SignatureAlgorithm = { name: 'PS256', cose: -37, hash: 'sha256' }
const PS384: SignatureAlgorithm = { name: 'PS384', cose: -38, hash: 'sha384' }
const PS512: SignatureAlgorithm = { name: 'PS512', cose: -39, hash: 'sha512' }
const ES256: SignatureAlgorithm = { name: 'ES256', cose: -7, hash: 'sha256' }
const ES384: SignatureAlgorithm = { name: 'ES384', cose: -35, hash: 'sha384' }
const ES512: SignatureAlgorithm = { name: 'ES512', cose: -36, hash: 'sha512' }

const ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ['rsa 2048', PS256],
  ['rsa 3072', PS384],
  ['rsa 4096', PS512],
  ['ec 256', ES256],
  ['ec 384', ES384],
  ['ec 521', ES512],
])

/**
 * Returns the algorithm of a key. The key decides; the algorithm that an envelope names must be the same.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID
 * @see Notary Project, signature specification: Algorithm Selection
 */
export function signatureAlgorithmOf(key: PublicKey): SignatureAlgorithm {
  const found = ALGORITHMS.get(`${key.kind} ${key.bits}`)
  if (found) return found
  throw invalidEnvelope(
    `expected an RSA key of 2048, 3072 or 4096 bits or an ECDSA key on P-256, P-384 or P-521, got ${key.kind} with ${key.bits} bits`,
  )
}
