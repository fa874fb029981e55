import { CheckError } from '@verify-images/primitives'
import { verifySignatureBytes } from '@verify-images/x509'
import { type LogEntry, MAX_INT64 } from './log-entry.ts'
import { algorithmOf, defaultHash } from '../keys/verification-key.ts'
import { isWithinWindow, type LogKey } from './trust-material.ts'

/** 9999-12-31T23:59:59Z, the last second that X.509 and RFC 3161 can express. */
const LAST_SECOND = 253_402_300_799n

/**
 * Verifies an inclusion promise (SET) and returns the time at which the log integrated the entry.
 *
 * The signature is over exact decimal text, never over a rounded number. The log's key must be valid at that very time.
 *
 * @throws CheckError ATTESTOR_LOG_ENTRY_INVALID
 * @see https://github.com/sigstore/rekor, signed entry timestamp: canonical JSON (RFC 8785) of the entry
 */
export function verifyInclusionPromise(entry: LogEntry, log: LogKey): Date {
  if (entry.promise === undefined || entry.integratedTime === undefined)
    throw invalid('the log entry has no inclusion promise')
  const time = integratedTime(entry.integratedTime)
  if (entry.logIndex < 0n || entry.logIndex > MAX_INT64) throw invalid('the index of the log entry is out of range')
  if (entry.logId !== log.logId) throw invalid(`log entry: expected the log ${log.logId}, got ${entry.logId}`)
  if (!isWithinWindow(log.window, time)) throw invalid('the key of the log was not valid at the time of the entry')
  // RFC 8785 of these four members: names in order, no blanks; base64 and hex need no escapes.
  const signed = `{"body":"${Buffer.from(entry.body).toString('base64')}","integratedTime":${entry.integratedTime},"logID":"${entry.logId}","logIndex":${entry.logIndex}}`
  if (!verifySignatureBytes(log.key, algorithmOf(log.key, defaultHash(log.key)), Buffer.from(signed), entry.promise)) {
    throw invalid('the signature of the inclusion promise is invalid')
  }
  return time
}

/**
 * Converts seconds since 1970.
 *
 * @throws CheckError ATTESTOR_LOG_ENTRY_INVALID unless they are positive and representable
 */
export function integratedTime(seconds: bigint): Date {
  if (seconds <= 0n || seconds > LAST_SECOND) throw invalid('the integrated time of the log entry is out of range')
  return new Date(Number(seconds) * 1000)
}

function invalid(reason: string): CheckError {
  return new CheckError('ATTESTOR_LOG_ENTRY_INVALID', reason)
}
