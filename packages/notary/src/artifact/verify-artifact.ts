import type { ReferrerListing, VerificationRun } from '@verify-images/attestor-evaluator'
import { CheckError, failureOf, yieldIfDue } from '@verify-images/primitives'
import type { Digest, Failure, Place, StepFailure } from '@verify-images/primitives'
import { MAX_SIGNATURES } from '../limits.ts'
import { verifyEnvelope } from '../verify-envelope.ts'
import type { VerificationPolicy, VerifiedEnvelope } from '../verify-envelope.ts'
import type { Artifact } from './artifact.ts'
import { SIGNATURE_TYPE, fetchSignature, listReferrers } from './signatures.ts'

/** A signature that was verified, and where it is. */
export interface VerifiedArtifact {
  readonly verified: VerifiedEnvelope
  readonly signature: Digest
  /** The fallback tag listed it. */
  readonly listedAt?: 'fallback-tag'
}

type Run = Pick<VerificationRun, 'source' | 'signal' | 'now' | 'memo' | 'budget'>

/**
 * Looks for a signature of an artifact that satisfies the policy, in the order of the registry.
 *
 * One suffices. An invalid, unrelated or missing signature does not hide the next, because everyone who may push can
 * add one; Kyverno stops at the first that it cannot fetch. No more than {@link MAX_SIGNATURES} are tried.
 *
 * @param hasApi whether the registry has answered the referrers API for another manifest of the repository
 * @returns the failure when no signature was verified; it is inconclusive if one could not be fetched or checked
 * @throws CheckError, or what the source throws, when the signatures cannot be listed
 */
export async function verifyArtifact(
  artifact: Artifact,
  policy: VerificationPolicy,
  run: Run,
  place: Place,
  { hasApi = false }: { readonly hasApi?: boolean } = {},
): Promise<VerifiedArtifact | Failure> {
  const listing = await listReferrers(artifact, run)
  // A registry with the API answers 404 to no referrers request: signatures are hidden, not missing.
  if (hasApi && listing.source !== 'api' && listing.descriptors.length === 0)
    throw new CheckError(
      'ATTESTOR_SOURCE_UNAVAILABLE',
      'the registry lists the referrers of the image and not those of its attestation',
    )
  const candidates = listing.descriptors.filter(({ artifactType }) => artifactType === SIGNATURE_TYPE)
  const failures: StepFailure[] = []
  for (const { digest } of candidates.slice(0, MAX_SIGNATURES)) {
    await yieldIfDue(run.signal)
    const result = await verifyCandidate(artifact, digest, policy, run, place)
    if ('verified' in result)
      return listing.source === 'fallback-tag' ? { ...result, listedAt: listing.source } : result
    failures.push(result)
  }
  return noneVerified(artifact, listing, failures, place)
}

async function verifyCandidate(
  artifact: Artifact,
  signature: Digest,
  policy: VerificationPolicy,
  run: Run,
  place: Place,
): Promise<VerifiedArtifact | StepFailure> {
  const failed = (step: StepFailure['step'], error: unknown): StepFailure => ({
    kind: 'step',
    step,
    failures: [failureOf(error, { ...place, candidate: signature }, run.signal)],
  })
  const { reference, descriptor } = artifact
  let stored
  try {
    stored = await fetchSignature(artifact, signature, run)
  } catch (error) {
    return failed({ kind: 'notary-fetch-signature', signature, reference }, error)
  }
  try {
    return { signature, verified: await verifyEnvelope({ ...stored, target: descriptor, reference }, policy, run) }
  } catch (error) {
    return failed({ kind: 'notary-verify-signature', signature }, error)
  }
}

function noneVerified(
  { reference }: Artifact,
  { complete }: ReferrerListing,
  tried: readonly StepFailure[],
  place: Place,
): Failure {
  const reason = (error: CheckError): Failure => failureOf(error, place, new AbortController().signal)
  const isLimited = tried.length >= MAX_SIGNATURES
  const [first, ...rest] = [
    ...tried,
    ...(isLimited
      ? [
          reason(
            new CheckError(
              'ATTESTOR_LIMIT_EXCEEDED',
              `none of the first ${MAX_SIGNATURES} signatures was valid, and no more are tried`,
            ),
          ),
        ]
      : []),
    ...(complete
      ? []
      : [reason(new CheckError('ATTESTOR_SOURCE_UNAVAILABLE', 'the registry did not list all referrers'))]),
  ]
  if (!first)
    return reason(
      new CheckError('ATTESTOR_NO_SIGNATURE', `\`${reference}\` has no signature`, {
        detail: { kind: 'notary-no-signature', reference },
      }),
    )
  const unfetched = tried.findIndex(({ step }) => step.kind === 'notary-fetch-signature')
  return {
    kind: 'step',
    step: {
      kind: 'notary-verify-signatures',
      ...(unfetched >= 0 && { unfetched }),
      ...(isLimited && { limit: MAX_SIGNATURES }),
    },
    failures: [first, ...rest],
  }
}
