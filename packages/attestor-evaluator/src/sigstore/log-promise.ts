import { verifySignatureBytes } from '@verify-images/x509'
import { AttestorError } from '../attestor-error.ts'
import { type LogEntry, MAX_INT64 } from './log-entry.ts'
import { algorithmOf, defaultHash } from './signature-algorithm.ts'
import { isWithin, type LogKey } from './trust-material.ts'

/** 9999-12-31T23:59:59Z: what fits the formats the time is compared with. */
const LAST_SECOND = 253_402_300_799n

/**
 * The time a log promised to have taken an entry in, once its signature over body, index, time and log id holds.
 *
 * The signature is over exact decimal text, never over a rounded number. The log's key must be in its window at that
 * very time.
 *
 * @throws AttestorError ATTESTOR_LOG_ENTRY_INVALID
 * @see https://github.com/sigstore/rekor, signed entry timestamp: canonical JSON (RFC 8785) of the entry
 */
export function verifyLogPromise(entry: LogEntry, log: LogKey): Date {
  if (entry.promise === undefined || entry.integratedTime === undefined)
    throw invalid('the log entry carries no promise of its log')
  const time = integratedTime(entry.integratedTime)
  if (entry.logIndex < 0n || entry.logIndex > MAX_INT64) throw invalid('the index of the log entry is out of range')
  if (entry.logId !== log.logId) throw invalid('the log entry is of another log')
  if (!isWithin(log.window, time)) throw invalid('the key of the log was not valid at the time of the entry')
  // RFC 8785 of these four members: names in order, no blanks; base64 and hex need no escapes.
  const signed = `{"body":"${Buffer.from(entry.body).toString('base64')}","integratedTime":${entry.integratedTime},"logID":"${entry.logId}","logIndex":${entry.logIndex}}`
  if (!verifySignatureBytes(log.key, algorithmOf(log.key, defaultHash(log.key)), Buffer.from(signed), entry.promise)) {
    throw invalid('the promise of the log does not hold', 'unable to verify SET')
  }
  return time
}

/**
 * Seconds since 1970 as a time.
 *
 * @throws AttestorError ATTESTOR_LOG_ENTRY_INVALID unless they are positive and representable
 */
export function integratedTime(seconds: bigint): Date {
  if (seconds <= 0n || seconds > LAST_SECOND) throw invalid('the time of the log entry is out of range')
  return new Date(Number(seconds) * 1000)
}

function invalid(reason: string, upstreamText: string = reason): AttestorError {
  return new AttestorError('ATTESTOR_LOG_ENTRY_INVALID', reason, { upstreamText })
}
