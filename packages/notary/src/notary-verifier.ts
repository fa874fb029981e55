import { AttestorError } from '@verify-images/attestor-evaluator'
import type {
  AttestationRequest,
  Outcome,
  SignatureRequest,
  SignatureVerifier,
  VerificationRun,
  VerifiedAttestations,
  VerifiedSignature,
} from '@verify-images/attestor-evaluator'
import { anything, aText, recordOf, withMethods } from '@verify-images/primitives'
import type { OptionTable } from '@verify-images/primitives'
import { artifactOf, resolveArtifact } from './artifact/artifact.ts'
import type { Artifact } from './artifact/artifact.ts'
import { readArtifactManifest } from './artifact/artifact-manifest.ts'
import type { ArtifactManifest } from './artifact/artifact-manifest.ts'
import { listReferrers } from './artifact/list-referrers.ts'
import { during } from './artifact/source-fault.ts'
import { verifyArtifact } from './artifact/verify-artifact.ts'
import { readAttestationStatement } from './attestation-statement.ts'
import { attestorPolicy } from './attestor-policy.ts'
import type { GeneralPolicy } from './attestor-policy.ts'
import { checkOptions } from './check-options.ts'
import { evidenceOf } from './evidence.ts'
import { readTrust } from './notary-trust.ts'
import type { TrustPolicyTexts } from './notary-trust.ts'
import { outcomeOfError, outcomeOfUnverified } from './outcome.ts'
import type { RevocationChecker } from './revocation/revocation-checker.ts'

export interface NotaryVerifierOptions {
  /**
   * Who says whether a certificate has been revoked. Without it a signature under a certificate that names a responder or
   * a list is inconclusive, never accepted.
   */
  readonly revocation?: RevocationChecker
  /** A trust policy document and its stores, which then decide how strict the check of each repository is. */
  readonly trustPolicy?: TrustPolicyTexts
  /** Metadata every signature must carry, under its signature. */
  readonly userMetadata?: Readonly<Record<string, string>>
}

export const notaryVerifierOptions: OptionTable<NotaryVerifierOptions> = {
  revocation: withMethods('a revocation checker', 'checkRevocation'),
  trustPolicy: anything,
  userMetadata: recordOf(aText),
}

/**
 * A verifier of `type: Notary`: Notary Project signatures, JWS and COSE, that are stored as referrers of an image.
 *
 * A signer is trusted when some certificate of its chain is one of the attestor's, byte for byte. Without a trust policy
 * everything is enforced, as by Kyverno.
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
  request: SignatureRequest,
  run: VerificationRun,
  general: GeneralPolicy,
): Promise<Outcome<VerifiedSignature>> {
  const { image, attestor } = request
  try {
    const policy = attestorPolicy(attestor, image.repository, general)
    const artifact = await resolveArtifact(
      image,
      run,
      (text) => `failed to parse image reference: ${image.reference}: ${text}`,
    )
    const words = (text: string): string => `failed to verify ${artifact.reference}: ${text}`
    const result = await during(words, () => verifyArtifact(artifact, policy, run), run.signal)
    if (!('verified' in result))
      return outcomeOfUnverified({ ...result, upstreamText: words(result.upstreamText) }, request)
    const { digest } = artifact.descriptor
    return { kind: 'accepted', digest, evidence: [evidenceOf(result, digest)] }
  } catch (error) {
    return outcomeOfError(error, request, run.signal)
  }
}

/**
 * The first attestation of the type decides, as in Kyverno: it must be signed by the attestor, as the artifact that it is.
 */
async function verifyAttestations(
  request: AttestationRequest,
  run: VerificationRun,
  general: GeneralPolicy,
): Promise<Outcome<VerifiedAttestations>> {
  const { image, attestor, predicateType } = request
  try {
    const policy = attestorPolicy(attestor, image.repository, general)
    const subject = await resolveArtifact(image, run, (text) => text)
    const { artifact, manifest } = await findAttestation(subject, request, run)
    const result = await verifyArtifact(artifact, policy, run)
    if (!('verified' in result)) return outcomeOfUnverified(result, request)
    const statement = await readAttestationStatement(subject.repository, manifest, predicateType, run)
    const { digest } = subject.descriptor
    // What is signed is the attestation, whose manifest names the image.
    return {
      kind: 'accepted',
      digest,
      statements: [{ ...statement, evidence: evidenceOf(result, digest, predicateType) }],
    }
  } catch (error) {
    return outcomeOfError(error, request, run.signal)
  }
}

/**
 * The first referrer that is listed under the type. Its manifest must say the same: the listing is the registry's word, and
 * a registry could show a harmless artifact as a scan.
 */
async function findAttestation(
  subject: Artifact,
  { image, predicateType }: AttestationRequest,
  run: VerificationRun,
): Promise<{ readonly artifact: Artifact; readonly manifest: ArtifactManifest }> {
  const { descriptors, complete } = await listReferrers(subject, run)
  const listed = descriptors.find(({ artifactType }) => predicateType !== '' && artifactType === predicateType)
  if (!complete)
    throw new AttestorError('ATTESTOR_SOURCE_UNAVAILABLE', 'the registry did not show all referrers of the image')
  if (!listed) {
    throw new AttestorError('ATTESTOR_STATEMENT_MISSING', `the image has no attestation of type \`${predicateType}\``, {
      upstreamText: `no matching attestations found for image ${image.reference} with type ${predicateType}`,
    })
  }
  const stored = await run.source.fetchManifest(subject.repository, listed.digest, run.signal)
  if ('notFound' in stored)
    throw new AttestorError('ATTESTOR_STATEMENT_MISSING', 'the attestation is listed and is not there', {
      upstreamText: stored.upstreamText,
    })
  const manifest = readArtifactManifest(stored, 'ATTESTOR_PAYLOAD_INVALID')
  if (manifest.artifactType !== predicateType) {
    throw new AttestorError(
      'ATTESTOR_PAYLOAD_MISMATCH',
      'the registry lists an artifact under another type than its own',
      {
        expected: predicateType,
        actual: manifest.artifactType ?? '',
        difference: 'att-referrer-artifacttype-lie',
      },
    )
  }
  if (manifest.subject !== subject.descriptor.digest)
    throw new AttestorError('ATTESTOR_PAYLOAD_MISMATCH', 'the attestation refers to something else')
  return { manifest, artifact: artifactOf(subject.repository, stored, listed.digest) }
}
