import { CheckError } from '@verify-images/primitives'
import type { LogEntry, LoggedSignature } from '../sigstore/log-entry.ts'
import type { LogKey } from '../sigstore/trust-material.ts'
import { type VerifiedLogEntry, verifyLogEntry } from '../sigstore/verify-log-entry.ts'

/**
 * Verifies the log entries of a bundle and returns those of trusted logs.
 *
 * Where logs are required, an invalid entry of a trusted log rejects the bundle, and distinct logs count: one log with
 * two entries, or under two ids, is one witness. Where none is required, invalid entries are ignored.
 *
 * @param required how many distinct logs
 * @throws CheckError ATTESTOR_LOG_ENTRY_INVALID, ATTESTOR_LOG_ENTRY_MISSING
 */
export function verifyBundleLog(
  entries: readonly LogEntry[],
  logged: LoggedSignature,
  logs: readonly LogKey[],
  required: number,
): readonly VerifiedLogEntry[] {
  const verified = entries.flatMap((entry) => {
    try {
      return verifyLogEntry(entry, logged, logs) ?? []
    } catch (error) {
      if (required === 0 && error instanceof CheckError) return []
      throw error
    }
  })
  const witnesses = new Set(verified.map(({ log }) => log.key.fingerprint))
  if (witnesses.size < required) {
    throw new CheckError(
      'ATTESTOR_LOG_ENTRY_MISSING',
      `log entries of the bundle: expected entries of ${required} trusted transparency logs, got ${witnesses.size}`,
    )
  }
  if (required > 0 && new Set(verified.map(({ log, logIndex }) => `${log.logId} ${logIndex}`)).size < verified.length) {
    throw new CheckError('ATTESTOR_LOG_ENTRY_INVALID', 'the bundle has the same log entry twice')
  }
  return verified
}
