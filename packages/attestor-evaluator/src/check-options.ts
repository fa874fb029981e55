import { optionChecker, type CheckOptions } from '@verify-images/primitives'
import { AttestorError } from './attestor-error.ts'

/** @throws AttestorError ATTESTOR_OPTIONS_INVALID */
export const checkOptions: CheckOptions = optionChecker(
  (message) => new AttestorError('ATTESTOR_OPTIONS_INVALID', message),
)
