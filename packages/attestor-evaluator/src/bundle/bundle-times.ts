import { CheckError } from '@verify-images/primitives'
import type { Evidence } from '../outcome.ts'
import { verifyTimestamp } from '../sigstore/timestamp-authority.ts'
import { isWithinWindow } from '../sigstore/trust-material.ts'
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
export async function establishTimes(
  bundle: Bundle,
  log: readonly VerifiedLogEntry[],
  verification: BundleVerification,
): Promise<BundleTimes> {
  const timestamps = await verifyTimestamps(bundle, verification)
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
async function verifyTimestamps(
  { timestamps, content }: Bundle,
  { trust, work }: BundleVerification,
): Promise<readonly Date[]> {
  const times: Date[] = []
  for (const token of timestamps) {
    try {
      times.push((await verifyTimestamp(token, content.signature, trust.timestampAuthorities, work)).time)
    } catch (error) {
      if (!(error instanceof CheckError) || error.inconclusive) throw error
    }
  }
  return times
}

function missing(reason: string): CheckError {
  return new CheckError('ATTESTOR_TIMESTAMP_MISSING', reason)
}
