import { CheckError, type Message, type VerificationMemo, yieldIfDue } from '@verify-images/primitives'
import { type PublicKey, type SignatureAlgorithm, verifySignatureInSlices, type Work } from '@verify-images/x509'
import { algorithmOf, defaultHash } from '../keys/verification-key.ts'
import type { Bundle } from './parse-bundle.ts'
import type { BundleKey } from './verify-bundle.ts'

/** Where the results of public-key operations are remembered. */
export interface RememberedSignatures {
  readonly memo: VerificationMemo
  /** Identifies the signed bytes and the signature. */
  readonly content: string
}

/**
 * Verifies the signature of a bundle.
 *
 * A policy's key uses the hash that the policy names. A certificate's key uses the hash of its curve; older clients
 * used SHA-256 for every curve.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID
 */
export async function verifyBundleSignature(
  { content, material }: Bundle,
  signedBytes: Message,
  key: BundleKey | undefined,
  { budget, signal, by }: Work,
  remembered?: RememberedSignatures,
): Promise<void> {
  const publicKey = key?.publicKey ?? (material.kind === 'certificate' ? material.certificate.publicKey : undefined)
  if (publicKey === undefined) throw invalid()
  const algorithms =
    key === undefined ? algorithmsOfCertificate(publicKey, content.kind) : algorithmsOfKey(key, content.kind)
  for (const algorithm of algorithms) {
    const verify = async (): Promise<boolean> => {
      budget.spend('signatures', 1, by)
      await yieldIfDue(signal)
      return verifySignatureInSlices(publicKey, algorithm, signedBytes, content.signature, signal)
    }
    const name = `bundle signature ${publicKey.fingerprint} ${algorithm} ${remembered?.content ?? ''}`
    if (await (remembered?.memo.always(name, 0, verify) ?? verify())) return
  }
  throw invalid(algorithms)
}

function algorithmsOfKey(
  { publicKey, hash, acceptPrehashed }: BundleKey,
  content: Bundle['content']['kind'],
): readonly SignatureAlgorithm[] {
  if (publicKey.kind === 'ed25519') {
    // Pure Ed25519 needs the message itself, which Kyverno does not fetch for a message signature.
    return [...(content === 'message' ? [] : ['ed25519' as const]), ...(acceptPrehashed ? ['ed25519ph' as const] : [])]
  }
  // The image's digest is signed, which is SHA-256.
  return content === 'message' && hash !== 'sha256' ? [] : [algorithmOf(publicKey, hash)]
}

function algorithmsOfCertificate(
  publicKey: PublicKey,
  content: Bundle['content']['kind'],
): readonly SignatureAlgorithm[] {
  if (publicKey.kind === 'ed25519') return [content === 'message' ? 'ed25519ph' : 'ed25519']
  const usual = algorithmOf(publicKey, defaultHash(publicKey))
  const old = algorithmOf(publicKey, 'sha256')
  return content === 'message' || usual === old ? [old] : [usual, old]
}

function invalid(algorithms: readonly SignatureAlgorithm[] = []): CheckError {
  return new CheckError('ATTESTOR_SIGNATURE_INVALID', 'the signature of the bundle is invalid', {
    expected: algorithms.join(' or '),
  })
}
