import { timingSafeEqual } from 'node:crypto'
import { AttestorError } from '../attestor-error.ts'
import { openCheckpoint } from './checkpoint.ts'
import { rootFromInclusionProof } from './inclusion-proof.ts'
import { matchLogBody } from './log-body.ts'
import { type LogEntry, type LoggedSignature, MAX_INT64 } from './log-entry.ts'
import { integratedTime, verifyLogPromise } from './log-promise.ts'
import type { LogKey } from './trust-material.ts'

export interface VerifiedLogEntry {
  readonly log: LogKey
  readonly logIndex: bigint
  /** When the log says it took the entry in; only a promise signs that. */
  readonly promisedTime?: Date
  /** The same without a promise: no evidence of anything, yet it must not contradict what is. */
  readonly claimedTime?: Date
}

/**
 * Verifies one entry of a transparency log against the signature it came with.
 *
 * Whatever the entry brings must hold: a promise, a proof, or both; with neither it shows nothing. Rekor v2 gives no
 * promises, so its entries need a proof, and a trusted time from elsewhere.
 *
 * @returns nothing when the log is not among the trusted ones
 * @throws AttestorError ATTESTOR_LOG_ENTRY_INVALID
 */
export function verifyLogEntry(
  entry: LogEntry,
  logged: LoggedSignature,
  logs: readonly LogKey[],
): VerifiedLogEntry | undefined {
  const candidates = logs.filter(({ logId }) => logId === entry.logId)
  if (candidates.length === 0) return undefined
  if (entry.promise === undefined && entry.proof === undefined)
    throw invalid('the log entry has neither a promise nor a proof')
  if (entry.logIndex < 0n || entry.logIndex > MAX_INT64) throw invalid('the index of the log entry is out of range')
  matchLogBody(entry, logged)
  // A log that changed its window is in the trusted root once for each.
  let failure = invalid('no key of the log fits')
  for (const log of candidates) {
    try {
      return verifyWith(entry, log)
    } catch (error) {
      if (!(error instanceof AttestorError)) throw error
      failure = error
    }
  }
  throw failure
}

function verifyWith(entry: LogEntry, log: LogKey): VerifiedLogEntry {
  const promisedTime = entry.promise === undefined ? undefined : verifyLogPromise(entry, log)
  if (entry.proof !== undefined) verifyInclusion(entry.body, entry.proof, log)
  const claimed =
    promisedTime === undefined && entry.integratedTime !== undefined && entry.integratedTime !== 0n
      ? integratedTime(entry.integratedTime)
      : undefined
  return {
    log,
    logIndex: entry.logIndex,
    ...(promisedTime && { promisedTime }),
    ...(claimed && { claimedTime: claimed }),
  }
}

/** Index, size, hashes, the root in the proof and the root in the log's signed checkpoint must be of one tree. */
function verifyInclusion(body: Uint8Array, proof: NonNullable<LogEntry['proof']>, log: LogKey): void {
  const checkpoint = openCheckpoint(proof.checkpoint, log)
  const root = rootFromInclusionProof(body, proof)
  if (
    checkpoint.treeSize !== proof.treeSize ||
    !equal(checkpoint.rootHash, proof.rootHash) ||
    !equal(root, proof.rootHash)
  ) {
    throw invalid('the inclusion proof does not lead to the root of the checkpoint')
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

function invalid(reason: string): AttestorError {
  return new AttestorError('ATTESTOR_LOG_ENTRY_INVALID', reason)
}
