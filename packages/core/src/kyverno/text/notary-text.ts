import type { NotaryDetail, NotaryStep, Reason } from '@verify-images/primitives'
import type { FailureText, FailureTexts } from './present-failure.ts'

/** Returns Kyverno's words for what stopped a Notary Project signature. */
export function notaryText(detail: NotaryDetail, _reason: Reason): string {
  return detail
}

/** Returns Kyverno's words for a step of the Notary verifier, around those of what failed in it. */
export function notaryStepText(step: NotaryStep, _failures: FailureTexts): FailureText {
  return step
}
