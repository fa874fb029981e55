import { during as duringStep, failureOf, refusalOf } from '@verify-images/primitives'
import type { Failure, Reason, Refusal } from '@verify-images/primitives'
import type { SignatureRequest } from '../signature-verifier.ts'
import { NO_MATCH } from './bundle-requirements.ts'

/** A referrer that was no evidence: it could not be had or read (`fetching`), or it did not verify. */
export interface Miss {
  readonly stage: 'fetching' | 'verifying'
  readonly failure: Failure
}

/** Faults that whoever pushed the referrer can make at will, once and for all: what they hide was never there. */
const lasting: ReadonlySet<string> = new Set([
  'REGISTRY_NOT_FOUND',
  'REGISTRY_SIZE_MISMATCH',
  'REGISTRY_RESPONSE_TOO_LARGE',
])

/**
 * What went wrong with one referrer.
 *
 * @throws the reason of the signal, when it was aborted
 */
export function missOf(
  error: unknown,
  stage: Miss['stage'],
  candidate: string,
  { path, image }: SignatureRequest,
  signal: AbortSignal,
  upstreamPrefix = '',
): Miss {
  const failure = withoutLasting(failureOf(error, { path, image: image.reference, candidate }, signal))
  if (upstreamPrefix === '') return { stage, failure }
  return {
    stage,
    failure: { kind: 'step', step: { kind: 'text', text: upstreamPrefix, shows: 0 }, failures: [failure] },
  }
}

function withoutLasting(failure: Failure): Failure {
  if (failure.kind === 'reason')
    return { ...failure, inconclusive: failure.inconclusive && !lasting.has(failure.reason.code) }
  const [first, ...rest] = failure.failures
  return { ...failure, failures: [withoutLasting(first), ...rest.map(withoutLasting)] }
}

/**
 * What it comes to when no bundle passed. A referrer that could not be had may have been the one: then nobody can tell.
 *
 * Upstream stops at the first referrer it cannot fetch or read, so its words are about that one.
 *
 * @param notes what may explain the failure
 * @param complete whether the registry has shown all referrers
 */
export function outcomeOfMisses(
  misses: readonly Miss[],
  { path, image }: SignatureRequest,
  notes: readonly Reason[],
  complete: boolean,
): Refusal {
  const broken = misses.findIndex(({ stage }) => stage === 'fetching')
  const plain = (reason: Reason, inconclusive: boolean): Failure => ({
    kind: 'reason',
    reason: { ...reason, path, image: image.reference },
    inconclusive,
  })
  const unseen = complete
    ? []
    : [
        plain(
          { code: 'ATTESTOR_SOURCE_UNAVAILABLE', message: 'the registry did not show all referrers of the image' },
          true,
        ),
      ]
  const none = plain({ code: 'ATTESTOR_NO_SIGNATURE', message: 'no bundle that verifies refers to the image' }, false)
  const [first = none, ...rest] = [...misses.map(({ failure }) => failure), ...unseen]
  return refusalOf({
    kind: 'step',
    step:
      broken < 0
        ? { kind: 'text', text: NO_MATCH }
        : { kind: 'text', text: `failed to fetch bundles: ${image.reference}: `, shows: broken },
    failures: [first, ...rest, ...notes.map((note) => plain(note, false))],
  })
}

/**
 * What it comes to when the check as a whole stopped at an error.
 *
 * @throws the reason of the signal, when it was aborted
 */
export function outcomeOfError(error: unknown, { path, image }: SignatureRequest, signal: AbortSignal): Refusal {
  return refusalOf(failureOf(error, { path, image: image.reference }, signal))
}

/** Runs a step; what it fails with will be told in Kyverno's words for that step. */
export async function during<T>(upstreamPrefix: string, step: () => Promise<T>): Promise<T> {
  return duringStep({ kind: 'text', text: `${upstreamPrefix}: `, shows: 0 }, step)
}
