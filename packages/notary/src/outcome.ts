import { failureOf, refusalOf, type Failure, type Refusal } from '@verify-images/primitives'
import type { SignatureRequest } from '@verify-images/attestor-evaluator'
import type { UnverifiedArtifact } from './artifact/verify-artifact.ts'

type Place = Pick<SignatureRequest, 'path' | 'image'>

/** What it comes to when no signature passed. Faults met on the way are no network errors to Kyverno: it keeps only their text. */
export function outcomeOfUnverified(
  { upstreamText, doubtful, reasons }: UnverifiedArtifact,
  { path, image }: Place,
): Refusal {
  const [first, ...rest] = reasons.map((reason): Failure => ({
    kind: 'reason',
    reason: { ...reason, path, image: image.reference },
    inconclusive: doubtful,
  }))
  const kind = doubtful ? 'inconclusive' : 'rejected'
  if (first === undefined) throw new TypeError('no reason')
  const step = { kind: 'text', text: upstreamText, hidesNetwork: true } as const
  return { kind, failure: { kind: 'step', step, failures: [first, ...rest] } }
}

/**
 * What it comes to when the check as a whole stopped at an error.
 *
 * @throws the reason of the signal, when it was aborted
 */
export function outcomeOfError(error: unknown, { path, image }: Place, signal: AbortSignal): Refusal {
  return refusalOf(failureOf(error, { path, image: image.reference }, signal))
}
