import {
  type AttestorStep,
  type Digest,
  type Failure,
  failureOf,
  type Place,
  type Refusal,
  refusalOf,
  yieldIfDue,
} from '@verify-images/primitives'
import type { StoredManifest } from '../ports.ts'
import type { SignatureRequest, VerificationRun } from '../signature-verifier.ts'
import type { Candidate } from './candidate.ts'
import { fetchCandidates } from './fetch-candidates.ts'
import { parseSignatureManifest } from './signature-manifest.ts'
import type { SignedContent } from './signed-content.ts'
import { type CandidateCheck, type VerifiedCandidate, verifyCandidate } from './verify-candidate.ts'

export interface Verified<Content extends SignedContent> extends VerifiedCandidate {
  readonly content: Content
}

export interface Verification<Content extends SignedContent> {
  readonly verified: readonly Verified<Content>[]
  readonly failures: readonly Failure[]
}

/**
 * Verifies every candidate of a manifest by itself: a failure of one does not affect another.
 *
 * @throws CheckError when the manifest itself is malformed or exceeds a limit
 */
export async function verifyEach<Content extends SignedContent>(
  { repository, manifest }: { readonly repository: string; readonly manifest: StoredManifest },
  contentOf: (candidate: Candidate) => Content,
  request: SignatureRequest,
  check: CandidateCheck,
): Promise<Verification<Content>> {
  const verified: Verified<Content>[] = []
  const failures: Failure[] = []
  const { options, run } = check
  const { layers } = parseSignatureManifest(manifest)
  const source = { repository, place: placeOf(request), maxPayloadBytes: options.maxPayloadBytes }
  for await (const found of fetchCandidates(layers, source, run)) {
    await yieldIfDue(run.signal)
    if ('failure' in found) {
      failures.push(found.failure)
      continue
    }
    const content = contentOf(found.candidate)
    try {
      verified.push({ ...(await verifyCandidate(found.candidate, content, check)), content })
    } catch (error) {
      failures.push(candidateFailure(error, request, found.candidate.artifact, run))
    }
  }
  return { verified, failures }
}

/** Maps the error of one candidate to a failure. */
export function candidateFailure(
  error: unknown,
  request: SignatureRequest,
  candidate: Digest,
  run: VerificationRun,
): Failure {
  return failureOf(error, { ...placeOf(request), candidate }, run.signal)
}

/** Returns the refusal for the failures of a step, of which there must be at least one. */
export function refuse(step: AttestorStep, failures: readonly Failure[]): Refusal {
  const [first, ...rest] = failures
  if (first === undefined) throw new TypeError(`no failure in ${step.kind}`)
  return refusalOf({ kind: 'step', step, failures: [first, ...rest] })
}

export function placeOf({ path, image }: SignatureRequest): Place {
  return { path, image: image.reference }
}
