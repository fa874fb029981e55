import { AttestorError } from '@verify-images/attestor-evaluator'
import type { Outcome, SignatureRequest } from '@verify-images/attestor-evaluator'
import type { UnverifiedArtifact } from './artifact/verify-artifact.ts'
import { readFault } from './artifact/source-fault.ts'

type Place = Pick<SignatureRequest, 'path' | 'image'>

/** What it comes to when no signature passed. Faults met on the way are no network errors to Kyverno: it keeps only their text. */
export function outcomeOfUnverified(
  { upstreamText, doubtful, reasons }: UnverifiedArtifact,
  { path, image }: Place,
): Exclude<Outcome<unknown>, { kind: 'accepted' }> {
  const [first, ...rest] = reasons
  const where = { path, image: image.reference }
  const placed = [{ ...first, ...where }, ...rest.map((reason) => ({ ...reason, ...where }))] as const
  return doubtful
    ? { kind: 'inconclusive', upstreamText, networkFault: false, reasons: placed }
    : { kind: 'rejected', upstreamText, reasons: placed }
}

/**
 * What it comes to when the check as a whole stopped at an error.
 *
 * @throws the reason of the signal, when it was aborted
 */
export function outcomeOfError(
  error: unknown,
  { path, image }: Place,
  signal: AbortSignal,
): Exclude<Outcome<unknown>, { kind: 'accepted' }> {
  signal.throwIfAborted()
  const where = { path, image: image.reference }
  if (error instanceof AttestorError) {
    const { upstreamText, inconclusive, details } = error
    const reasons = [error.reason(where)] as const
    return inconclusive
      ? { kind: 'inconclusive', upstreamText, networkFault: details.networkFault ?? false, reasons }
      : { kind: 'rejected', upstreamText, reasons }
  }
  const { code, message, upstreamText, networkFault } = readFault(error)
  return { kind: 'inconclusive', upstreamText, networkFault, reasons: [{ code, message, ...where }] }
}
