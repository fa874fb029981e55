import { AttestorError } from '../attestor-error.ts'
import type { Evidence } from '../outcome.ts'
import { verifyTimestampToken, type VerifiedTimestampToken } from '../sigstore/timestamp-authority.ts'
import { isWithin, type TimestampAuthorityTrust } from '../sigstore/trust-material.ts'
import type { VerifiedLogEntry } from '../sigstore/verify-log-entry.ts'
import type { Bundle } from './bundle.ts'
import type { BundleVerification } from './bundle-verification.ts'

export interface BundleTimes {
  /** Every time the certificate must have been good at. */
  readonly binding: readonly Date[]
  readonly evidence: Evidence['times']
}

/**
 * The times that are known of a signature.
 *
 * Which times count for it depends on what is asked: entries of a log that is ignored give no time. Which times count
 * against it does not: whatever a trusted clock says binds, so that the earliest of two stamps cannot be picked, and
 * so does the time a log entry merely claims.
 *
 * @throws AttestorError ATTESTOR_TIMESTAMP_MISSING, ATTESTOR_LOG_ENTRY_INVALID
 */
export function establishTimes(
  bundle: Bundle,
  log: readonly VerifiedLogEntry[],
  asked: BundleVerification,
): BundleTimes {
  const stamps = verifyStamps(bundle, asked.trust.timestampAuthorities)
  const promised = log.flatMap(({ promisedTime }) => promisedTime ?? [])
  const observed = [...stamps.map(({ time }) => time), ...(asked.requiredLogs > 0 ? promised : [])]
  if (asked.timestampRequired && stamps.length === 0) throw missing('no timestamp is by the authority the policy names')
  if (asked.observedTimeRequired && observed.length === 0)
    throw missing('no trusted clock says when the bundle was signed')
  for (const entry of log) {
    // A proof without promise is timeless; the log must at least have been in its window when the signature was made.
    if (
      entry.promisedTime === undefined &&
      asked.requiredLogs > 0 &&
      !observed.every((time) => isWithin(entry.log.window, time))
    ) {
      throw new AttestorError(
        'ATTESTOR_LOG_ENTRY_INVALID',
        'the key of the log was not valid when the bundle was signed',
      )
    }
  }
  const now = asked.observedTimeRequired || asked.key !== undefined ? [] : [asked.now]
  return {
    binding: [
      ...now,
      ...stamps.map(({ time }) => time),
      ...promised,
      ...log.flatMap(({ claimedTime }) => claimedTime ?? []),
    ],
    evidence: [
      ...stamps.map(({ time }) => ({ source: 'timestamp-authority' as const, at: time.toISOString() })),
      ...promised.map((time) => ({ source: 'log-promise' as const, at: time.toISOString() })),
      ...now.map((time) => ({ source: 'evaluation' as const, at: time.toISOString() })),
    ],
  }
}

/** Stamps of authorities nobody trusts, or over something else, say nothing. */
function verifyStamps(
  { timestamps, content }: Bundle,
  authorities: readonly TimestampAuthorityTrust[],
): readonly VerifiedTimestampToken[] {
  return timestamps.flatMap((token) => {
    try {
      return [verifyTimestampToken(token, content.signature, authorities)]
    } catch (error) {
      if (error instanceof AttestorError) return []
      throw error
    }
  })
}

function missing(reason: string): AttestorError {
  return new AttestorError('ATTESTOR_TIMESTAMP_MISSING', reason)
}
