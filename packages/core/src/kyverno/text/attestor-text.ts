import type { AttestorDetail, AttestorStep, Reason } from '@verify-images/primitives'
import type { FailureText, FailureTexts } from './present-failure.ts'

/** Returns Kyverno's words for what stopped a cosign signature, an attestation or a Sigstore bundle. */
export function attestorText(detail: AttestorDetail, _reason: Reason): string {
  return detail
}

/** Returns Kyverno's words for a step of the attestors, around those of what failed in it. */
export function attestorStepText(step: AttestorStep, _failures: FailureTexts): FailureText {
  return step
}
