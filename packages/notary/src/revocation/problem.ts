import { CheckError } from '@verify-images/primitives'
import { CertificateError, TAG, openDer, readTime } from '@verify-images/x509'
import type { Extension } from '@verify-images/x509'
import { MAX_CLOCK_SKEW_MS } from '../limits.ts'

/** Returns the error for a response that does not tell the status of a certificate, or a missing one. */
export function unknownBecause(problem: string, cause?: unknown): CheckError {
  return new CheckError('ATTESTOR_REVOCATION_UNKNOWN', problem, cause === undefined ? {} : { cause })
}

/**
 * Runs a parser; a response that cannot be parsed leaves the status unknown.
 *
 * @throws CheckError ATTESTOR_REVOCATION_UNKNOWN
 */
export async function reading<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof CertificateError) throw unknownBecause(error.message, error)
    throw error
  }
}

/**
 * Rejects a response that is not valid now. One without an end of validity is rejected too: it could be of any age.
 *
 * @throws CheckError ATTESTOR_REVOCATION_UNKNOWN
 * @see RFC 5019, 4
 */
export function checkFreshness(thisUpdate: Date, nextUpdate: Date | undefined, now: Date): void {
  rejectFuture(thisUpdate, now)
  if (!nextUpdate) throw unknownBecause('the response has no end of validity')
  if (now > nextUpdate) throw unknownBecause(`the response was valid until ${nextUpdate.toISOString()}`)
}

/** @throws CheckError ATTESTOR_REVOCATION_UNKNOWN */
export function rejectFuture(time: Date, now: Date): void {
  if (time.getTime() > now.getTime() + MAX_CLOCK_SKEW_MS)
    throw unknownBecause(`the response is from the future: ${time.toISOString()}`)
}

const INVALIDITY_DATE = '2.5.29.24'

/**
 * Returns whether a revocation applies to a signature of a vouched-for time: not if it says that the key became invalid
 * later.
 *
 * @throws CheckError ATTESTOR_REVOCATION_UNKNOWN
 * @see RFC 5280, 5.3.2
 */
export function revocationApplies(extensions: ReadonlyMap<string, Extension>, signedAt: Date | undefined): boolean {
  rejectUnknownCritical(extensions, new Set([INVALIDITY_DATE]))
  const extension = extensions.get(INVALIDITY_DATE)
  if (!extension || !signedAt) return true
  const invalidSince = readTime(
    openDer(extension.value, 'invalidity date').read(TAG.GENERALIZED_TIME, 'date'),
    'invalidity date',
  )
  return signedAt >= invalidSince
}

/** @throws CheckError ATTESTOR_REVOCATION_UNKNOWN */
export function rejectUnknownCritical(extensions: ReadonlyMap<string, Extension>, known: ReadonlySet<string>): void {
  for (const { oid, critical } of extensions.values()) {
    if (critical && !known.has(oid))
      throw unknownBecause(`the response has the critical extension ${oid}, which is not supported`)
  }
}
