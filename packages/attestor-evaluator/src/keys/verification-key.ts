import { CheckError, type Message, type VerificationMemo, yieldIfDue } from '@verify-images/primitives'
import {
  CertificateError,
  type HashName,
  parsePublicKey,
  type PublicKey,
  type SignatureAlgorithm,
  verifySignatureInSlices,
  type Work,
} from '@verify-images/x509'
import { LRUCache } from 'lru-cache'
import { MAX_PARSED_KEYS } from '../limits.ts'

/** A key together with the digest that the policy says its signatures use. */
export interface VerificationKey {
  readonly publicKey: PublicKey
  readonly algorithm: SignatureAlgorithm
}

const hashes: readonly HashName[] = ['sha224', 'sha256', 'sha384', 'sha512']

/**
 * Returns the hash of a policy's `signatureAlgorithm`.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function readHash(name: string): HashName {
  const hash = hashes.find((known) => known === name)
  if (hash !== undefined) return hash
  throw new CheckError('ATTESTOR_POLICY_INVALID', `\`${name.slice(0, 40)}\` is not a signature algorithm`, {
    expected: hashes.join(', '),
    actual: name,
    detail: { kind: 'attestor-signature-algorithm-unknown', name },
  })
}

/** Returns a key with the algorithm that cosign uses for it. */
export function verificationKey(publicKey: PublicKey, hash: HashName): VerificationKey {
  return { publicKey, algorithm: algorithmOf(publicKey, hash) }
}

/** Returns the algorithm of a key with a hash: PKCS #1 v1.5 for RSA. Ed25519 has a hash of its own. */
export function algorithmOf(key: PublicKey, hash: HashName): SignatureAlgorithm {
  switch (key.kind) {
    case 'ec':
      return `ecdsa-${hash}`
    case 'rsa':
      return `rsa-pkcs1-${hash}`
    case 'ed25519':
      return 'ed25519'
  }
}

const hashOfCurve: Readonly<Record<'P-256' | 'P-384' | 'P-521', HashName>> = {
  'P-256': 'sha256',
  'P-384': 'sha384',
  'P-521': 'sha512',
}

/** Returns the hash that a key signs with unless another one is configured: by curve for ECDSA, SHA-256 for RSA. */
export function defaultHash(key: PublicKey): HashName {
  return key.kind === 'ec' ? hashOfCurve[key.curve] : 'sha256'
}

/** Keys by their PEM text. They are immutable, and importing one takes longer than a signature over P-256. */
const parsedKeys = new LRUCache<string, PublicKey>({ max: MAX_PARSED_KEYS })

/**
 * Returns the key of a PEM text.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function readPublicKey(pem: string): PublicKey {
  const known = parsedKeys.get(pem)
  if (known !== undefined) return known
  try {
    const key = parsePublicKey(pem)
    parsedKeys.set(pem, key)
    return key
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new CheckError('ATTESTOR_POLICY_INVALID', `the public key cannot be used: ${error.message}`, {
      detail: error.detail ?? { kind: 'attestor-pem-invalid', of: 'public-key' },
      cause: error,
    })
  }
}

/**
 * Verifies a signature, once for each key, algorithm, text and signature.
 *
 * @param messageDigest tells the message apart from all others
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID
 */
export async function verifySignature(
  key: VerificationKey,
  message: Message,
  signature: Uint8Array,
  memo: VerificationMemo,
  messageDigest: string,
  { budget, signal, by }: Work,
): Promise<void> {
  const { publicKey, algorithm } = key
  const name = `signature ${publicKey.fingerprint} ${algorithm} ${messageDigest} ${Buffer.from(signature).toString('base64')}`
  const isValid = await memo.always(name, 0, async () => {
    budget.spend('signatures', 1, by)
    await yieldIfDue(signal)
    return verifySignatureInSlices(publicKey, algorithm, message, signature, signal)
  })
  if (isValid) return
  throw new CheckError('ATTESTOR_SIGNATURE_INVALID', 'the signature is not by the expected key over these bytes', {
    detail: { kind: 'attestor-signature-invalid', key: publicKey.kind },
    expected: `${algorithm} by ${publicKey.fingerprint}`,
  })
}
