import {
  type AttestorStep,
  type CheckError,
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
import { type Candidate, parseCandidate } from './candidate.ts'
import { fetchCandidates, type FetchedLayer } from './fetch-candidates.ts'
import { parseSignatureManifest } from './signature-manifest.ts'
import type { SignedContent } from './signed-content.ts'
import { type CandidateCheck, type VerifiedCandidate, verifyCandidate } from './verify-candidate.ts'

export interface Verified<Content extends SignedContent> extends VerifiedCandidate {
  readonly content: Content
}

export interface Verification<Content extends SignedContent> {
  readonly verified: readonly Verified<Content>[]
  readonly failures: readonly Failure[]
  /** Failures of statements that may be by the required signer, and may say no. */
  readonly unproved: readonly Failure[]
}

/**
 * Verifies every candidate of a manifest by itself: a failure of one does not affect another.
 *
 * @param explainUnproved returns an error for a candidate that did not verify, if it might say no
 * @throws CheckError when the manifest itself is malformed or exceeds a limit
 */
export async function verifyEach<Content extends SignedContent>(
  { repository, manifest }: { readonly repository: string; readonly manifest: StoredManifest },
  contentOf: (candidate: Candidate) => Content,
  request: SignatureRequest,
  check: CandidateCheck,
  explainUnproved: (error: unknown, layer: FetchedLayer) => Promise<CheckError | undefined> = async () => undefined,
): Promise<Verification<Content>> {
  const verified: Verified<Content>[] = []
  const failures: Failure[] = []
  const unproved: Failure[] = []
  const { options, run } = check
  const { layers } = parseSignatureManifest(manifest)
  const source = { repository, place: placeOf(request), maxPayloadBytes: options.maxPayloadBytes }
  for await (const found of fetchCandidates(layers, source, run)) {
    await yieldIfDue(run.signal)
    if ('failure' in found) {
      failures.push(found.failure)
      continue
    }
    try {
      const candidate = parseCandidate(found.layer, found.payload)
      const content = contentOf(candidate)
      verified.push({ ...(await verifyCandidate(candidate, content, check)), content })
    } catch (error) {
      const { digest } = found.layer.descriptor
      failures.push(candidateFailure(error, request, digest, run))
      const explained = await explainUnproved(error, found)
      if (explained !== undefined) unproved.push(candidateFailure(explained, request, digest, run))
    }
  }
  return { verified, failures, unproved }
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
