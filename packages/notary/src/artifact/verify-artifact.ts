import type { Reason, ReferrerListing, VerificationRun } from '@verify-images/attestor-evaluator'
import { CheckError, type Digest } from '@verify-images/primitives'
import { MAX_SIGNATURES } from '../limits.ts'
import { verifyEnvelope } from '../verify-envelope.ts'
import type { VerificationPolicy, VerifiedEnvelope } from '../verify-envelope.ts'
import type { Artifact } from './artifact.ts'
import { SIGNATURE_TYPE, fetchSignature } from './fetch-signature.ts'
import { listReferrers } from './list-referrers.ts'
import { during, readFault, upstreamTextOf as textOfError } from './source-fault.ts'

/** A signature that passed, and where it is. */
export interface VerifiedArtifact {
  readonly verified: VerifiedEnvelope
  readonly signature: Digest
}

/** No signature passed. `doubtful` when one of those that could not be had, or told, might have. */
export interface UnverifiedArtifact {
  readonly upstreamText: string
  readonly doubtful: boolean
  readonly reasons: readonly [Reason, ...Reason[]]
}

type Run = Pick<VerificationRun, 'source' | 'signal' | 'now' | 'memo'>

/**
 * Looks for a signature of an artifact that the policy lets pass, in the order of the registry.
 *
 * One is enough. A signature that is broken, foreign or gone does not hide the next, because anybody who may push can put
 * one there; upstream gives up at the first that it cannot fetch. After {@link MAX_SIGNATURES} it ends either way.
 *
 * @throws AttestorError when the signatures cannot be listed
 */
export async function verifyArtifact(
  artifact: Artifact,
  policy: VerificationPolicy,
  run: Run,
): Promise<VerifiedArtifact | UnverifiedArtifact> {
  const listing = await during(
    (text) => text,
    () => listReferrers(artifact, run),
    run.signal,
  )
  const candidates = listing.descriptors.filter(({ artifactType }) => artifactType === SIGNATURE_TYPE)
  const misses: Miss[] = []
  for (const { digest } of candidates.slice(0, MAX_SIGNATURES)) {
    const result = await verifyCandidate(artifact, digest, policy, run)
    if ('verified' in result) return result
    misses.push(result)
  }
  return unverified(artifact, listing, misses)
}

/** A signature that was no evidence: it could not be had (`fetching`), or did not verify. */
interface Miss {
  readonly stage: 'fetching' | 'verifying'
  readonly signature: Digest
  readonly reason: Reason
  readonly upstreamText: string
  readonly doubtful: boolean
}

async function verifyCandidate(
  artifact: Artifact,
  signature: Digest,
  policy: VerificationPolicy,
  run: Run,
): Promise<VerifiedArtifact | Miss> {
  let stage: Miss['stage'] = 'fetching'
  try {
    const stored = await fetchSignature(artifact, signature, run)
    stage = 'verifying'
    return { signature, verified: await verifyEnvelope({ ...stored, target: artifact.descriptor }, policy, run) }
  } catch (error) {
    run.signal.throwIfAborted()
    if (error instanceof CheckError) {
      return {
        stage,
        signature,
        reason: error.reason(),
        upstreamText: textOfError(error),
        doubtful: error.inconclusive,
      }
    }
    const { code, message, upstreamText } = readFault(error)
    return { stage, signature, reason: { code, message }, upstreamText, doubtful: true }
  }
}

function unverified(artifact: Artifact, { complete }: ReferrerListing, misses: readonly Miss[]): UnverifiedArtifact {
  const [first, ...rest] = [
    ...misses.map(({ reason, signature }) => ({ ...reason, candidate: signature })),
    ...(misses.length >= MAX_SIGNATURES
      ? [
          {
            code: 'ATTESTOR_LIMIT_EXCEEDED' as const,
            message: `none of the first ${MAX_SIGNATURES} signatures passed, and no more are tried`,
          },
        ]
      : []),
    ...(complete
      ? []
      : [{ code: 'ATTESTOR_SOURCE_UNAVAILABLE' as const, message: 'the registry did not show all referrers' }]),
  ]
  return {
    upstreamText: upstreamTextOf(artifact, misses),
    doubtful: !complete || misses.some(({ doubtful }) => doubtful),
    reasons: [
      first ?? {
        code: 'ATTESTOR_NO_SIGNATURE' as const,
        message: `there is no signature of \`${artifact.reference}\``,
      },
      ...rest,
    ],
  }
}

function upstreamTextOf({ reference }: Artifact, misses: readonly Miss[]): string {
  const gone = misses.find(({ stage }) => stage === 'fetching')
  if (gone)
    return `unable to retrieve digital signature with digest "${gone.signature}" associated with "${reference}" from the Repository, error : ${gone.upstreamText}`
  if (misses.length >= MAX_SIGNATURES)
    return `signature evaluation stopped. The configured limit of ${MAX_SIGNATURES} signatures to verify per artifact exceeded`
  if (misses.length === 0)
    return `no signature is associated with "${reference}", make sure the artifact was signed successfully`
  return [
    'signature verification failed',
    ...misses.map(
      ({ signature, upstreamText }) => `failed to verify signature with digest ${signature}, ${upstreamText}`,
    ),
  ].join('\n')
}
