import { optionChecker, type CheckOptions } from '@verify-images/primitives'

export type VerifierErrorCode =
  | 'VERIFIER_OPTIONS_INVALID'
  | 'VERIFIER_RESOURCE_INVALID'
  | 'VERIFIER_REVIEW_INVALID'
  | 'VERIFIER_PATCH_FAILED'
  | 'VERIFIER_INTERNAL'

/** Thrown when the caller asks for something that cannot be evaluated. Verdicts are returned, never thrown. */
export class VerifierError extends Error {
  override readonly name = 'VerifierError'
  readonly code: VerifierErrorCode

  constructor(code: VerifierErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Checks options. @throws VerifierError VERIFIER_OPTIONS_INVALID */
export const checkOptions: CheckOptions = optionChecker(
  (message) => new VerifierError('VERIFIER_OPTIONS_INVALID', message),
)
