import type { Failure, Reason, ReasonDetail, Step } from '@verify-images/primitives'
import { attestorStepText, attestorText } from './attestor-text.ts'
import { certificateText } from './certificate-text.ts'
import { notaryStepText, notaryText } from './notary-text.ts'
import { registryText } from './registry-text.ts'

/** A failure in Kyverno's words. */
export interface FailureText {
  readonly text: string
  /** Whether Go sees a network operation error, which makes Kyverno's status `error` instead of `fail`. */
  readonly isNetworkError: boolean
}

/** The texts of the failures below a step; there is at least one. */
export type FailureTexts = readonly [FailureText, ...FailureText[]]

/**
 * Returns Kyverno's words for a failure. Where Kyverno's would claim something that did not happen here, or where there
 * are none, our own message stands in Kyverno's frame.
 */
export function presentFailure(failure: Failure): FailureText {
  if (failure.kind === 'reason')
    return failure.detail === undefined ? ofOurs(failure.reason.message) : presentDetail(failure.detail, failure.reason)
  const [first, ...rest] = failure.failures
  return presentStep(failure.step, [presentFailure(first), ...rest.map(presentFailure)])
}

function presentDetail(detail: ReasonDetail, reason: Reason): FailureText {
  if (isOf('registry', detail)) return registryText(detail, reason)
  if (isOf('certificate', detail)) return ofOurs(certificateText(detail))
  if (isOf('attestor', detail)) return ofOurs(attestorText(detail))
  return ofOurs(notaryText(detail, reason))
}

function presentStep(step: Step, failures: FailureTexts): FailureText {
  if (isOf('attestor', step)) return attestorStepText(step, failures)
  return notaryStepText(step, failures)
}

/** Returns whether the kind begins with `<source>-`: kinds are named after the package that knows the facts. */
function isOf<Source extends string, Fact extends { readonly kind: string }>(
  source: Source,
  fact: Fact,
): fact is Extract<Fact, { readonly kind: `${Source}-${string}` }> {
  return fact.kind.startsWith(`${source}-`)
}

function ofOurs(text: string): FailureText {
  return { text, isNetworkError: false }
}
