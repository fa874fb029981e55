import { CheckError } from '@verify-images/primitives'
import type { Work } from '@verify-images/x509'
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
export async function verifyBundleLog(
  entries: readonly LogEntry[],
  logged: LoggedSignature,
  logs: readonly LogKey[],
  required: number,
  work: Work,
): Promise<readonly VerifiedLogEntry[]> {
  const verified: VerifiedLogEntry[] = []
  for (const entry of entries) {
    try {
      const found = await verifyLogEntry(entry, logged, logs, work)
      if (found !== undefined) verified.push(found)
    } catch (error) {
      if (required > 0 || !(error instanceof CheckError) || error.inconclusive) throw error
    }
  }
  const witnesses = new Set(verified.map(({ log }) => log.key.fingerprint))
  if (witnesses.size < required) {
    throw new CheckError(
      'ATTESTOR_LOG_ENTRY_MISSING',
      `log entries of the bundle: expected entries of ${required} trusted transparency logs, got ${witnesses.size}`,
    )
  }
  const places = verified.map(({ log, logIndex, leafIndex }) => `${log.logId} ${logIndex ?? leafIndex ?? ''}`)
  if (required > 0 && new Set(places).size < places.length) {
    throw new CheckError('ATTESTOR_LOG_ENTRY_INVALID', 'the bundle has the same log entry twice')
  }
  return verified
}
