import { type PublicKey, type SignatureAlgorithm, verifySignatureBytes } from '@verify-images/x509'
import { AttestorError } from '../attestor-error.ts'
import { algorithmOf, defaultHash } from '../sigstore/signature-algorithm.ts'
import type { Bundle } from './bundle.ts'
import type { BundleKey } from './bundle-verification.ts'

/**
 * Verifies the signature of a bundle.
 *
 * A policy's key comes with the hash the policy says. A certificate's key signs with the hash of its curve; older
 * clients signed with SHA-256 whatever the curve.
 *
 * @throws AttestorError ATTESTOR_SIGNATURE_INVALID
 */
export function verifyBundleSignature(
  { content, material }: Bundle,
  signedBytes: Uint8Array,
  key: BundleKey | undefined,
): void {
  const publicKey = key?.publicKey ?? (material.kind === 'certificate' ? material.certificate.publicKey : undefined)
  if (publicKey === undefined) throw invalid()
  const algorithms =
    key === undefined ? algorithmsOfCertificate(publicKey, content.kind) : algorithmsOfKey(key, content.kind)
  if (!algorithms.some((algorithm) => verifySignatureBytes(publicKey, algorithm, signedBytes, content.signature)))
    throw invalid(algorithms)
}

function algorithmsOfKey(
  { publicKey, hash, acceptPrehashed }: BundleKey,
  content: Bundle['content']['kind'],
): readonly SignatureAlgorithm[] {
  if (publicKey.kind === 'ed25519') {
    // Pure Ed25519 needs the message itself, which upstream does not fetch for a message signature.
    return [...(content === 'message' ? [] : ['ed25519' as const]), ...(acceptPrehashed ? ['ed25519ph' as const] : [])]
  }
  // What is signed is the image's digest, which is SHA-256.
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

function invalid(algorithms: readonly SignatureAlgorithm[] = []): AttestorError {
  return new AttestorError('ATTESTOR_SIGNATURE_INVALID', 'the signature of the bundle does not hold', {
    expected: algorithms.join(' or '),
  })
}
