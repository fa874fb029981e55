import {
  CertificateError,
  parsePublicKey,
  type PublicKey,
  type SignatureAlgorithm,
  verifySignatureBytes,
} from '@verify-images/x509'
import { AttestorError } from '../attestor-error.ts'
import type { VerificationMemo } from '../verification-memo.ts'

/** A key together with the digest that the policy says its signatures use. */
export interface VerificationKey {
  readonly publicKey: PublicKey
  readonly algorithm: SignatureAlgorithm
}

const hashes = ['sha224', 'sha256', 'sha384', 'sha512'] as const
export type Hash = (typeof hashes)[number]

/**
 * The hash of a policy's `signatureAlgorithm`.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID
 */
export function readHash(name: string): Hash {
  const hash = hashes.find((known) => known === name)
  if (hash !== undefined) return hash
  throw new AttestorError('ATTESTOR_POLICY_INVALID', `\`${name.slice(0, 40)}\` is not a signature algorithm`, {
    upstreamText: `invalid signature algorithm provided ${name}`,
    expected: hashes.join(', '),
    actual: name,
  })
}

/** A key with the algorithm that cosign uses for it: PKCS #1 v1.5 for RSA, and Ed25519 without a hash of its own. */
export function verificationKey(publicKey: PublicKey, hash: Hash): VerificationKey {
  switch (publicKey.kind) {
    case 'ec':
      return { publicKey, algorithm: `ecdsa-${hash}` }
    case 'rsa':
      return { publicKey, algorithm: `rsa-pkcs1-${hash}` }
    case 'ed25519':
      return { publicKey, algorithm: 'ed25519' }
  }
}

/**
 * The key of a PEM text.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID
 */
export function readPublicKey(pem: string): PublicKey {
  try {
    return parsePublicKey(pem)
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new AttestorError('ATTESTOR_POLICY_INVALID', `the public key cannot be used: ${error.message}`, {
      upstreamText: error.upstreamText ?? 'PEM decoding failed',
      cause: error,
    })
  }
}

const refusals: Readonly<Record<PublicKey['kind'], string>> = {
  ec: 'invalid signature when validating ASN.1 encoded signature',
  rsa: 'crypto/rsa: verification error',
  ed25519: 'failed to verify signature',
}

/**
 * Verifies a signature, once in a run for each key, algorithm, text and signature.
 *
 * @throws AttestorError ATTESTOR_SIGNATURE_INVALID
 */
export function verifySignature(
  key: VerificationKey,
  data: Uint8Array,
  signature: Uint8Array,
  memo: VerificationMemo,
  dataDigest: string,
): void {
  const { publicKey, algorithm } = key
  const name = `signature ${publicKey.fingerprint} ${algorithm} ${dataDigest} ${Buffer.from(signature).toString('base64')}`
  if (memo.once(name, () => verifySignatureBytes(publicKey, algorithm, data, signature))) return
  throw new AttestorError('ATTESTOR_SIGNATURE_INVALID', 'the signature is not by the expected key over these bytes', {
    upstreamText: refusals[publicKey.kind],
    expected: `${algorithm} by ${publicKey.fingerprint}`,
  })
}
