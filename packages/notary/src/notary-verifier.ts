import type {
  AttestationRequest,
  Outcome,
  SignatureRequest,
  SignatureVerifier,
  VerificationRun,
  VerifiedAttestations,
  VerifiedSignature,
} from '@verify-images/attestor-evaluator'
import { anything, aString, during, failureOf, recordOf, refusalOf, withMethods } from '@verify-images/primitives'
import type { OptionTable } from '@verify-images/primitives'
import { resolveArtifact } from './artifact/artifact.ts'
import { verifyArtifact } from './artifact/verify-artifact.ts'
import { attestorPolicy } from './attestor-policy.ts'
import type { GeneralPolicy } from './attestor-policy.ts'
import { evidenceOf } from './evidence.ts'
import { checkOptions } from './notary-error.ts'
import { readTrust } from './notary-trust.ts'
import type { TrustPolicyTexts } from './notary-trust.ts'
import type { RevocationChecker } from './revocation/revocation-checker.ts'
import { verifyEachAttestation } from './verify-attestations.ts'

export interface NotaryVerifierOptions {
  /**
   * Checks whether certificates have been revoked. Without it, a signature with a certificate that has an OCSP or CRL
   * address is inconclusive, never accepted.
   */
  readonly revocation?: RevocationChecker
  /** A trust policy document and its trust stores, which then decide how strict the check of each repository is. */
  readonly trustPolicy?: TrustPolicyTexts
  /** User metadata that every signature must have. */
  readonly userMetadata?: Readonly<Record<string, string>>
}

export const notaryVerifierOptions: OptionTable<NotaryVerifierOptions> = {
  revocation: withMethods('a revocation checker', 'checkRevocation'),
  trustPolicy: anything,
  userMetadata: recordOf(aString),
}

/**
 * Creates the verifier for `type: Notary`: Notary Project signatures, JWS and COSE, stored as referrers of an image.
 *
 * A signer is trusted if some certificate of its chain is one of the attestor's, byte for byte. Without a trust policy
 * everything is enforced, as in Kyverno.
 *
 * @throws NotaryError NOTARY_OPTIONS_INVALID, NOTARY_TRUST_POLICY_INVALID, NOTARY_TRUST_STORE_INVALID
 * @see https://github.com/notaryproject/specifications
 */
export function createNotaryVerifier(options: NotaryVerifierOptions = {}): SignatureVerifier {
  checkOptions(options, notaryVerifierOptions)
  const general: GeneralPolicy = {
    userMetadata: { ...options.userMetadata },
    ...(options.revocation && { revocation: options.revocation }),
    ...(options.trustPolicy !== undefined && { trust: readTrust(options.trustPolicy) }),
  }
  return {
    signatureType: 'Notary',
    verifySignature: (request, run) => verifySignature(request, run, general),
    verifyAttestations: (request, run) => verifyAttestations(request, run, general),
  }
}

async function verifySignature(
  { image, attestor, path }: SignatureRequest,
  run: VerificationRun,
  general: GeneralPolicy,
): Promise<Outcome<VerifiedSignature>> {
  const place = { path, image: image.reference }
  try {
    const policy = attestorPolicy(attestor, image.repository, general, run.memo)
    const artifact = await during({ kind: 'notary-resolve-image', reference: image.reference }, () =>
      resolveArtifact(image, run),
    )
    const step = { kind: 'notary-verify-artifact', reference: artifact.reference } as const
    const result = await during(step, () => verifyArtifact(artifact, policy, run, place))
    if (!('verified' in result)) return refusalOf({ kind: 'step', step, failures: [result] })
    const { digest } = artifact.descriptor
    return { kind: 'accepted', digest, evidence: [evidenceOf(result, digest)] }
  } catch (error) {
    return refusalOf(failureOf(error, place, run.signal))
  }
}

async function verifyAttestations(
  request: AttestationRequest,
  run: VerificationRun,
  general: GeneralPolicy,
): Promise<Outcome<VerifiedAttestations>> {
  const { image, attestor, path } = request
  try {
    return await verifyEachAttestation(request, attestorPolicy(attestor, image.repository, general, run.memo), run)
  } catch (error) {
    return refusalOf(failureOf(error, { path, image: image.reference }, run.signal))
  }
}
