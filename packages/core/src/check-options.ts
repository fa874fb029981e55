import { optionChecker, type CheckOptions } from '@verify-images/primitives'
import { VerifierError } from './verifier-error.ts'

/** @throws VerifierError VERIFIER_OPTIONS_INVALID */
export const checkOptions: CheckOptions = optionChecker(
  (message) => new VerifierError('VERIFIER_OPTIONS_INVALID', message),
)
