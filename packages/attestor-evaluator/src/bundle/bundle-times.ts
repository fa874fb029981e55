import { CheckError } from '@verify-images/primitives'
import type { Evidence } from '../outcome.ts'
import { verifyTimestamp } from '../sigstore/timestamp-authority.ts'
import { isWithinWindow, type TimestampAuthorityTrust } from '../sigstore/trust-material.ts'
import type { VerifiedLogEntry } from '../sigstore/verify-log-entry.ts'
import type { Bundle } from './parse-bundle.ts'
import type { BundleVerification } from './verify-bundle.ts'

export interface BundleTimes {
  /** Every time at which the certificate must have been valid. */
  readonly binding: readonly Date[]
  readonly evidence: Evidence['times']
}

/**
 * Determines when a bundle was signed.
 *
 * Entries of an ignored log are not evidence of a time. But every time restricts the certificate: those of all trusted
 * clocks, so that the earliest of two timestamps cannot be picked, and also those that a log entry merely claims.
 *
 * @throws CheckError ATTESTOR_TIMESTAMP_MISSING, ATTESTOR_LOG_ENTRY_INVALID
 */
export function establishTimes(
  bundle: Bundle,
  log: readonly VerifiedLogEntry[],
  verification: BundleVerification,
): BundleTimes {
  const timestamps = verifyTimestamps(bundle, verification.trust.timestampAuthorities)
  const promised = log.flatMap(({ promisedTime }) => promisedTime ?? [])
  const observed = [...timestamps, ...(verification.requiredLogs > 0 ? promised : [])]
  if (verification.timestampRequired && timestamps.length === 0)
    throw missing('the bundle has no valid timestamp of the timestamp authority in the policy')
  if (verification.observedTimeRequired && observed.length === 0)
    throw missing('the bundle has neither a valid timestamp nor an inclusion promise of a trusted log')
  if (verification.requiredLogs > 0) requireValidLogKeys(log, observed)
  const now = verification.observedTimeRequired || verification.key !== undefined ? [] : [verification.now]
  return {
    binding: [...now, ...timestamps, ...promised, ...log.flatMap(({ claimedTime }) => claimedTime ?? [])],
    evidence: [
      ...timestamps.map((time) => ({ source: 'timestamp-authority' as const, at: time.toISOString() })),
      ...promised.map((time) => ({ source: 'log-promise' as const, at: time.toISOString() })),
      ...now.map((time) => ({ source: 'evaluation' as const, at: time.toISOString() })),
    ],
  }
}

/** An inclusion proof has no time of its own, so the log's key must have been valid at every observed time. */
function requireValidLogKeys(log: readonly VerifiedLogEntry[], observed: readonly Date[]): void {
  for (const entry of log) {
    if (entry.promisedTime !== undefined || observed.every((time) => isWithinWindow(entry.log.window, time))) continue
    throw new CheckError(
      'ATTESTOR_LOG_ENTRY_INVALID',
      'the key of the transparency log was not valid when the bundle was signed',
    )
  }
}

/** Timestamps of untrusted authorities, or over other bytes, are ignored. */
function verifyTimestamps(
  { timestamps, content }: Bundle,
  authorities: readonly TimestampAuthorityTrust[],
): readonly Date[] {
  return timestamps.flatMap((token) => {
    try {
      return [verifyTimestamp(token, content.signature, authorities).time]
    } catch (error) {
      if (error instanceof CheckError) return []
      throw error
    }
  })
}

function missing(reason: string): CheckError {
  return new CheckError('ATTESTOR_TIMESTAMP_MISSING', reason)
}
