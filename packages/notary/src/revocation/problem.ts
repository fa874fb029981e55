import { AttestorError } from '@verify-images/attestor-evaluator'
import { CertificateError } from '@verify-images/x509'

/** Why an answer, or the lack of one, says nothing. */
export function unknownBecause(problem: string, cause?: unknown): AttestorError {
  return new AttestorError('ATTESTOR_REVOCATION_UNKNOWN', problem, cause === undefined ? {} : { cause })
}

/**
 * Runs a reader; what cannot be read says nothing.
 *
 * @throws AttestorError ATTESTOR_REVOCATION_UNKNOWN
 */
export function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof CertificateError) throw unknownBecause(error.message, error)
    throw error
  }
}
