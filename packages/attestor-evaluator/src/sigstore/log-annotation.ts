import {
  CheckError,
  decodeCanonicalBase64,
  decodeGoBase64,
  during,
  hasFoldedTwins,
  isDigest,
  type Json,
  ownMember,
  parseDocument,
} from '@verify-images/primitives'
import type { Work } from '@verify-images/x509'
import { MAX_LOG_BODY_BYTES, MAX_LOG_BODY_TOKENS } from '../limits.ts'
import type { LogEntry, LoggedSignature } from './log-entry.ts'
import type { LogKey } from './trust-material.ts'
import { verifyLogEntry } from './verify-log-entry.ts'

export interface VerifiedLogAnnotation {
  readonly integratedTime: Date
  readonly logIndex: string
  /** The signature that the entry records. */
  readonly signature: Uint8Array
}

/**
 * Verifies the log entry in cosign's annotation `dev.sigstore.cosign/bundle`: a body and an inclusion promise.
 *
 * @param signatures alternatives: the entry must record one of them
 * @throws StepError of CheckError ATTESTOR_LOG_ENTRY_INVALID
 */
export async function verifyLogAnnotation(
  annotation: string,
  { signatures, ...logged }: Omit<LoggedSignature, 'signature'> & { readonly signatures: readonly Uint8Array[] },
  logs: readonly LogKey[],
  work: Work,
): Promise<VerifiedLogAnnotation> {
  return during({ kind: 'attestor-verify-log-entry' }, async () => {
    const entry = parseLogAnnotation(annotation)
    let failure: unknown = invalid('the log entry records no signature')
    for (const signature of signatures) {
      try {
        return { ...(await verifyEntry(entry, { ...logged, signature }, logs, work)), signature }
      } catch (error) {
        failure = error
      }
    }
    throw failure
  })
}

async function verifyEntry(
  entry: LogEntry,
  logged: LoggedSignature,
  logs: readonly LogKey[],
  work: Work,
): Promise<Omit<VerifiedLogAnnotation, 'signature'>> {
  const verified = await verifyLogEntry(entry, logged, logs, work)
  if (verified === undefined)
    throw new CheckError('ATTESTOR_LOG_ENTRY_INVALID', 'the log entry is of a transparency log that is not trusted', {
      detail: { kind: 'attestor-log-not-trusted' },
    })
  if (verified.promisedTime === undefined) throw invalid('the log entry has no inclusion promise')
  return { integratedTime: verified.promisedTime, logIndex: entry.logIndex.toString() }
}

/**
 * Parses the annotation. Nothing in it is verified.
 *
 * @throws CheckError ATTESTOR_LOG_ENTRY_INVALID
 */
export function parseLogAnnotation(annotation: string): LogEntry {
  if (annotation.length > 2 * MAX_LOG_BODY_BYTES)
    throw invalid(`log annotation: expected at most ${2 * MAX_LOG_BODY_BYTES} characters, got ${annotation.length}`)
  const document = parseDocument(annotation, 'the log annotation', 'ATTESTOR_LOG_ENTRY_INVALID', {
    maxTokens: MAX_LOG_BODY_TOKENS,
  })
  const payload = ownMember(document, 'Payload')
  if (hasFoldedTwins(payload)) throw invalid('log annotation: expected keys that differ in more than their case')
  const promise = bytes(ownMember(document, 'SignedEntryTimestamp'), decodeGoBase64)
  // The promise is over this text, so it must have one spelling.
  const body = bytes(ownMember(payload, 'body'), decodeCanonicalBase64)
  const logId = ownMember(payload, 'logID')
  if (typeof logId !== 'string' || !isDigest(`sha256:${logId}`))
    throw invalid('log annotation: expected a SHA-256 in hex as `logID`')
  return {
    logIndex: integer(ownMember(payload, 'logIndex')),
    integratedTime: integer(ownMember(payload, 'integratedTime')),
    logId,
    promise,
    body,
    ...kindOf(body),
  }
}

/** Reads the kind from the body: the annotation has no field for it. */
function kindOf(body: Uint8Array): { readonly kind: string; readonly version: string } {
  const document = parseDocument(body, 'the body of the log entry', 'ATTESTOR_LOG_ENTRY_INVALID', {
    maxTokens: MAX_LOG_BODY_TOKENS,
  })
  const kind = ownMember(document, 'kind')
  const version = ownMember(document, 'apiVersion')
  if (typeof kind !== 'string' || typeof version !== 'string')
    throw invalid('body of the log entry: expected strings as `kind` and `apiVersion`')
  return { kind, version }
}

/** The strict JSON reader has refused numbers that are not exact. */
function integer(value: Json | undefined): bigint {
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw invalid('log annotation: expected integers as `logIndex` and `integratedTime`')
  return BigInt(value)
}

function bytes(value: Json | undefined, decode: (text: string) => Buffer | undefined): Buffer {
  const decoded = typeof value === 'string' ? decode(value) : undefined
  if (decoded === undefined || decoded.length === 0)
    throw invalid('log annotation: expected base64 as `SignedEntryTimestamp` and `body`')
  return decoded
}

function invalid(reason: string): CheckError {
  return new CheckError('ATTESTOR_LOG_ENTRY_INVALID', reason)
}
