import { AttestorError } from '@verify-images/attestor-evaluator'
import type { SignedAttributes } from '../envelope/envelope.ts'
import { formatMessageTime } from './message-time.ts'

/**
 * Refuses a signature whose "best by use" time has come.
 *
 * @throws AttestorError ATTESTOR_SIGNATURE_EXPIRED
 * @see Notary Project, signature specification: Expiry
 */
export function checkExpiry({ expiry }: SignedAttributes, now: Date): void {
  if (!expiry || now < expiry) return
  throw new AttestorError('ATTESTOR_SIGNATURE_EXPIRED', `the signature expired at ${expiry.toISOString()}`, {
    upstreamText: `digital signature has expired on "${formatMessageTime(expiry)}"`,
  })
}
