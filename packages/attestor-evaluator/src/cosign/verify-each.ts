import type { Digest } from '@verify-images/primitives'
import { AttestorError } from '../attestor-error.ts'
import { type Failure, type Place, readFailure, refusal } from '../failure.ts'
import { matchIdentity } from '../identity/match-identity.ts'
import type { Outcome } from '../outcome.ts'
import type { SignatureRequest, VerificationRun } from '../signature-verifier.ts'
import type { Candidate } from './candidate.ts'
import type { FetchedCandidate } from './fetch-candidates.ts'
import type { SignedContent } from './signed-content.ts'
import { type CandidateCheck, type VerifiedCandidate, verifyCandidate } from './verify-candidate.ts'

export interface Verified<Content extends SignedContent> extends VerifiedCandidate {
  readonly content: Content
}

export interface Verification<Content extends SignedContent> {
  readonly verified: readonly Verified<Content>[]
  readonly failures: readonly Failure[]
}

/** Verifies every candidate by itself: what is wrong with one says nothing about another. */
export async function verifyEach<Content extends SignedContent>(
  fetched: readonly FetchedCandidate[],
  readContent: (candidate: Candidate) => Content,
  request: SignatureRequest,
  check: CandidateCheck,
): Promise<Verification<Content>> {
  const verified: Verified<Content>[] = []
  const failures: Failure[] = []
  for (const one of fetched) {
    if ('failure' in one) {
      failures.push(one.failure)
      continue
    }
    const content = readContent(one.candidate)
    try {
      verified.push({ ...(await verifyCandidate(one.candidate, content, check)), content })
    } catch (error) {
      failures.push(candidateFailure(error, request, one.candidate.artifact, check.run))
    }
  }
  return { verified, failures }
}

/**
 * Requires that the holder of a signature's certificate is whom a keyless attestor names.
 *
 * @throws AttestorError ATTESTOR_IDENTITY_MISMATCH, ATTESTOR_POLICY_INVALID
 */
export function requireIdentity({ certificate }: VerifiedCandidate, { attestor }: SignatureRequest): void {
  if (attestor.kind !== 'keyless') return
  if (certificate === undefined) throw new AttestorError('ATTESTOR_IDENTITY_MISMATCH', 'certificate not found')
  matchIdentity(attestor.identity, certificate)
}

/** One candidate's failure. Kyverno keeps only its text, so a fault of the network is none any more. */
export function candidateFailure(
  error: unknown,
  request: SignatureRequest,
  candidate: Digest,
  run: VerificationRun,
): Failure {
  const failure = readFailure(error, placeOf(request), run.signal)
  return { ...failure, networkFault: false, reason: { ...failure.reason, candidate } }
}

/** An outcome for failures of which there is at least one. */
export function refuse(
  failures: readonly Failure[],
  upstreamText: string,
): Exclude<Outcome<never>, { kind: 'accepted' }> {
  const [first, ...rest] = failures
  if (first === undefined)
    throw new AttestorError('ATTESTOR_NO_SIGNATURE', 'nothing was found that could be verified', { upstreamText })
  return refusal([first, ...rest], upstreamText)
}

export function placeOf({ path, image }: SignatureRequest): Place {
  return { path, image: image.reference }
}

/** The texts of failures as cosign puts them into one message. */
export function joined(failures: readonly Failure[]): string {
  return failures.map(({ upstreamText }) => upstreamText).join('\n ')
}
