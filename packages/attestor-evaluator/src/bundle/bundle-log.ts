import { AttestorError } from '../attestor-error.ts'
import type { LogEntry, LoggedSignature } from '../sigstore/log-entry.ts'
import type { LogKey } from '../sigstore/trust-material.ts'
import { type VerifiedLogEntry, verifyLogEntry } from '../sigstore/verify-log-entry.ts'

/**
 * The entries of trusted logs about this signature.
 *
 * Where the log is required, an entry of a trusted log that does not hold refuses the bundle, and different logs count:
 * one log with two entries, or under two ids, is one witness. Where it is not, what does not hold says nothing.
 *
 * @param required how many different logs
 * @throws AttestorError ATTESTOR_LOG_ENTRY_INVALID, ATTESTOR_LOG_ENTRY_MISSING
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
      if (required === 0 && error instanceof AttestorError) return []
      throw error
    }
  })
  const witnesses = new Set(verified.map(({ log }) => log.key.fingerprint))
  if (witnesses.size < required) {
    throw new AttestorError(
      'ATTESTOR_LOG_ENTRY_MISSING',
      `the bundle has entries of ${witnesses.size} trusted logs, ${required} are required`,
    )
  }
  if (required > 0 && new Set(verified.map(({ log, logIndex }) => `${log.logId} ${logIndex}`)).size < verified.length) {
    throw new AttestorError('ATTESTOR_LOG_ENTRY_INVALID', 'the bundle has one log entry twice')
  }
  return verified
}
