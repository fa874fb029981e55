import { parseTimestampToken } from '@verify-images/x509'
import { AttestorError } from '../attestor-error.ts'
import type { LogEntry } from '../sigstore/log-entry.ts'
import type { ClaimedLogEntry, ClaimedTimestamp } from './claims.ts'
import { claimedText } from './part-reading.ts'

/** The last second that has four digits for its year; a date takes little more. */
const lastSecond = 253_402_300_799n

/** @throws AttestorError ATTESTOR_LOG_ENTRY_INVALID, ATTESTOR_LIMIT_EXCEEDED */
export function claimedLogEntry({
  logIndex,
  logId,
  kind,
  version,
  integratedTime,
}: Pick<LogEntry, 'logIndex' | 'logId' | 'kind' | 'version' | 'integratedTime'>): ClaimedLogEntry {
  return {
    logIndex: logIndex.toString(),
    logId: claimedText(logId),
    kind: `${claimedText(kind)} ${claimedText(version)}`,
    ...(integratedTime !== undefined && { integratedTime: secondsSince1970(integratedTime) }),
  }
}

/**
 * What a token says; whose it is, and what of, is not looked at.
 *
 * @throws CertificateError
 */
export function claimedTimestamp(token: Uint8Array): ClaimedTimestamp {
  return { at: parseTimestampToken(token).genTime.toISOString() }
}

function secondsSince1970(seconds: bigint): string {
  if (seconds < 0n || seconds > lastSecond)
    throw new AttestorError('ATTESTOR_LOG_ENTRY_INVALID', 'the log entry has a time that is none')
  return new Date(Number(seconds) * 1000).toISOString()
}
