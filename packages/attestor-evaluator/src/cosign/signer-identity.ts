import { CheckError } from '@verify-images/primitives'
import { requireCertificateIdentity } from '../identity/match-identity.ts'
import type { SignatureRequest } from '../signature-verifier.ts'
import type { VerifiedCandidate } from './verify-candidate.ts'

/**
 * Requires the identity of a keyless attestor in the certificate of a signature.
 *
 * @throws CheckError ATTESTOR_IDENTITY_MISMATCH, ATTESTOR_POLICY_INVALID
 */
export function requireIdentity(
  { certificate }: Pick<VerifiedCandidate, 'certificate'>,
  { attestor }: Pick<SignatureRequest, 'attestor'>,
): void {
  if (attestor.kind !== 'keyless') return
  if (certificate === undefined) throw new CheckError('ATTESTOR_IDENTITY_MISMATCH', 'the signature has no certificate')
  requireCertificateIdentity(attestor.identity, certificate)
}
