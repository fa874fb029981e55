import type { PublicKey } from '@verify-images/x509'
import { refuseEnvelope } from './refusal.ts'

/** How a key signs. A key of the Notary Project signs in one way only. */
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
 * The algorithm a key signs by. The key decides; what an envelope says of itself only has to agree.
 *
 * @throws AttestorError ATTESTOR_SIGNATURE_INVALID
 * @see Notary Project, signature specification: Algorithm Selection
 */
export function signatureAlgorithmOf(key: PublicKey): SignatureAlgorithm {
  const found = ALGORITHMS.get(`${key.kind} ${key.bits}`)
  if (found) return found
  const names: Readonly<Record<PublicKey['kind'], string>> = {
    rsa: `rsa key size ${key.bits} bits is not supported`,
    ec: `ecdsa key size ${key.bits} bits is not supported`,
    ed25519: 'unsupported public key type',
  }
  throw refuseEnvelope(`keys of kind ${key.kind} with ${key.bits} bits do not sign here`, {
    upstreamText: names[key.kind],
  })
}

/** Upstream's words for a signature that a key did not make. */
export function verificationFailure(key: PublicKey): string {
  return key.kind === 'rsa' ? 'crypto/rsa: verification error' : 'crypto/ecdsa: verification error'
}
