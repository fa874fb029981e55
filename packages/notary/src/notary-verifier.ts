import type {
  AttestationRequest,
  Outcome,
  SignatureRequest,
  SignatureVerifier,
  VerificationRun,
  VerifiedAttestations,
  VerifiedSignature,
} from '@verify-images/attestor-evaluator'
import {
  CheckError,
  anything,
  aString,
  during,
  failureOf,
  markVerified,
  recordOf,
  refusalOf,
  withMethods,
} from '@verify-images/primitives'
import type { OptionTable } from '@verify-images/primitives'
import { artifactOf, notFoundDetail, resolveArtifact } from './artifact/artifact.ts'
import type { Artifact } from './artifact/artifact.ts'
import { readArtifactManifest } from './artifact/artifact-manifest.ts'
import type { ArtifactManifest } from './artifact/artifact-manifest.ts'
import { listReferrers } from './artifact/signatures.ts'
import { verifyArtifact } from './artifact/verify-artifact.ts'
import { readAttestationStatement } from './attestation-statement.ts'
import { attestorPolicy } from './attestor-policy.ts'
import type { GeneralPolicy } from './attestor-policy.ts'
import { evidenceOf } from './evidence.ts'
import { checkOptions } from './notary-error.ts'
import { readTrust } from './notary-trust.ts'
import type { TrustPolicyTexts } from './notary-trust.ts'
import type { RevocationChecker } from './revocation/revocation-checker.ts'

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
    const policy = attestorPolicy(attestor, image.repository, general)
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

/** The first attestation of the type decides, as in Kyverno. It is an artifact, and must be signed by the attestor. */
async function verifyAttestations(
  request: AttestationRequest,
  run: VerificationRun,
  general: GeneralPolicy,
): Promise<Outcome<VerifiedAttestations>> {
  const { image, attestor, predicateType, path } = request
  const place = { path, image: image.reference }
  try {
    const policy = attestorPolicy(attestor, image.repository, general)
    const subject = await resolveArtifact(image, run)
    const { artifact, manifest } = await findAttestation(subject, request, run)
    const result = await verifyArtifact(artifact, policy, run, place)
    if (!('verified' in result)) return refusalOf(result)
    const statement = await readAttestationStatement(subject.repository, manifest, predicateType, run)
    const { digest } = subject.descriptor
    // The attestation is what is signed; its manifest names the image.
    return {
      kind: 'accepted',
      digest,
      statements: [{ statement: markVerified(statement), evidence: evidenceOf(result, digest, predicateType) }],
    }
  } catch (error) {
    return refusalOf(failureOf(error, place, run.signal))
  }
}

/**
 * Returns the first referrer that is listed under the type. Its manifest must have the same type: the listing is the
 * registry's claim, and a registry could list a harmless artifact as a scan.
 */
async function findAttestation(
  subject: Artifact,
  { image, predicateType }: AttestationRequest,
  run: VerificationRun,
): Promise<{ readonly artifact: Artifact; readonly manifest: ArtifactManifest }> {
  const { descriptors, complete } = await listReferrers(subject, run)
  const listed = descriptors.find(({ artifactType }) => predicateType !== '' && artifactType === predicateType)
  if (!complete)
    throw new CheckError('ATTESTOR_SOURCE_UNAVAILABLE', 'the registry did not list all referrers of the image')
  if (!listed) {
    throw new CheckError('ATTESTOR_STATEMENT_MISSING', `the image has no attestation of type \`${predicateType}\``, {
      detail: { kind: 'notary-no-attestation', image: image.reference, predicateType },
    })
  }
  const stored = await run.source.fetchManifest(subject.repository, listed.digest, run.signal)
  if ('notFound' in stored)
    throw new CheckError(
      'ATTESTOR_STATEMENT_MISSING',
      'the attestation is in the referrers listing but was not found',
      {
        ...notFoundDetail(stored),
      },
    )
  const manifest = readArtifactManifest(stored, 'ATTESTOR_PAYLOAD_INVALID')
  if (manifest.artifactType !== predicateType) {
    throw new CheckError('ATTESTOR_PAYLOAD_MISMATCH', 'the attestation has another artifact type than listed', {
      expected: predicateType,
      actual: manifest.artifactType ?? '',
      difference: 'att-referrer-artifacttype-lie',
    })
  }
  if (manifest.subject !== subject.descriptor.digest)
    throw new CheckError('ATTESTOR_PAYLOAD_MISMATCH', 'the attestation refers to another subject')
  return { manifest, artifact: artifactOf(subject.repository, stored, listed.digest) }
}
