import { AttestorError } from '@verify-images/attestor-evaluator'
import type { AttestorErrorDetails } from '@verify-images/attestor-evaluator'

/** A signature envelope that cannot be what it claims to be. */
export function refuseEnvelope(message: string, details: AttestorErrorDetails = {}): AttestorError {
  return new AttestorError('ATTESTOR_SIGNATURE_INVALID', message, details)
}

/** A signature that does not verify, in the words of upstream's library for the kind of key. */
export function refuseSignature(upstreamReason: string): AttestorError {
  return refuseEnvelope('the signature does not verify', {
    upstreamText: `signature is invalid. Error: ${upstreamReason}`,
  })
}
