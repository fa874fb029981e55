import { CheckError } from '@verify-images/primitives'

/**
 * Thrown to callers for options and trust documents that cannot be used. Where a trust document is read during an
 * evaluation, the error becomes a reason like that of any other check.
 */
export class AttestorError extends CheckError {
  override readonly name = 'AttestorError'
}
