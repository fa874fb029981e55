import { AttestorError } from '@verify-images/attestor-evaluator'
import type { ReferrerListing, VerificationRun } from '@verify-images/attestor-evaluator'
import { MAX_REFERRERS } from '../limits.ts'
import type { Artifact } from './artifact.ts'

/**
 * What refers to an artifact, by the referrers API or the fallback tag.
 *
 * @throws AttestorError ATTESTOR_LIMIT_EXCEEDED for more than upstream looks at; what the source throws
 */
export async function listReferrers(
  { repository, descriptor }: Artifact,
  { source, signal }: Pick<VerificationRun, 'source' | 'signal'>,
): Promise<ReferrerListing> {
  const listing = await source.listReferrers(repository, descriptor.digest, signal)
  if (listing.descriptors.length > MAX_REFERRERS) {
    throw new AttestorError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `the artifact has ${listing.descriptors.length} referrers, at most ${MAX_REFERRERS} are looked at`,
      {
        upstreamText: `failed to fetch referrers: too many referrers found, max limit is ${MAX_REFERRERS}`,
      },
    )
  }
  return listing
}
