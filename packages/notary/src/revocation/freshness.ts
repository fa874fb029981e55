import { MAX_CLOCK_SKEW_MS } from '../limits.ts'
import { unknownBecause } from './problem.ts'

/**
 * Refuses an answer that does not hold now. One that says no end is refused as well: it could be of any age.
 *
 * @throws AttestorError ATTESTOR_REVOCATION_UNKNOWN
 * @see RFC 5019, 4
 */
export function checkFreshness(thisUpdate: Date, nextUpdate: Date | undefined, now: Date): void {
  refuseFuture(thisUpdate, now)
  if (!nextUpdate) throw unknownBecause('the answer does not say until when it holds')
  if (now > nextUpdate) throw unknownBecause(`the answer held until ${nextUpdate.toISOString()}`)
}

/** @throws AttestorError ATTESTOR_REVOCATION_UNKNOWN */
export function refuseFuture(time: Date, now: Date): void {
  if (time.getTime() > now.getTime() + MAX_CLOCK_SKEW_MS) throw unknownBecause('the answer is from the future')
}
