import { CheckError, equalBytes, yieldIfDue } from '@verify-images/primitives'
import type { Work } from '@verify-images/x509'
import { verifyCheckpoint } from './checkpoint.ts'
import { rootFromInclusionProof } from './inclusion-proof.ts'
import { requireLogged } from './log-body.ts'
import { type LogEntry, type LoggedSignature, MAX_INT64 } from './log-entry.ts'
import { integratedTime, verifyInclusionPromise } from './inclusion-promise.ts'
import type { LogKey } from './trust-material.ts'

export interface VerifiedLogEntry {
  readonly log: LogKey
  /** The index in the log, where a promise signs it or the proof is for it. */
  readonly logIndex?: bigint
  /** The index in the tree of the inclusion proof. */
  readonly leafIndex?: bigint
  /** When the log integrated the entry, signed by an inclusion promise. */
  readonly promisedTime?: Date
  /** The same without a promise: not evidence, but the certificate must have been valid at this time as well. */
  readonly claimedTime?: Date
}

/**
 * Verifies a transparency log entry against the signature it came with.
 *
 * The entry needs an inclusion promise, an inclusion proof, or both, and whichever it has must be valid. Rekor v2 makes
 * no promises, so its entries need a proof, and a trusted time from elsewhere.
 *
 * @returns `undefined` when the log is not a trusted one
 * @throws CheckError ATTESTOR_LOG_ENTRY_INVALID
 */
export async function verifyLogEntry(
  entry: LogEntry,
  logged: LoggedSignature,
  logs: readonly LogKey[],
  work: Work,
): Promise<VerifiedLogEntry | undefined> {
  const candidates = logs.filter(({ logId }) => logId === entry.logId)
  if (candidates.length === 0) return undefined
  if (entry.promise === undefined && entry.proof === undefined)
    throw invalid('the log entry has neither an inclusion promise nor an inclusion proof')
  if (entry.logIndex < 0n || entry.logIndex > MAX_INT64) throw invalid('the index of the log entry is out of range')
  await requireLogged(entry, logged, work.signal)
  // A trusted root lists a log once for each of its validity windows.
  let failure: CheckError = invalid('no key of the log verifies the log entry')
  for (const log of candidates) {
    // A promise, and the lines of a checkpoint.
    work.budget.spend('signatures', 2, work.by)
    await yieldIfDue(work.signal)
    try {
      return verifyWith(entry, log)
    } catch (error) {
      if (!(error instanceof CheckError)) throw error
      failure = error
    }
  }
  throw failure
}

function verifyWith(entry: LogEntry, log: LogKey): VerifiedLogEntry {
  const promisedTime = entry.promise === undefined ? undefined : verifyInclusionPromise(entry, log)
  if (entry.proof !== undefined) verifyInclusion(entry.body, entry.proof, log)
  const claimed =
    promisedTime === undefined && entry.integratedTime !== undefined && entry.integratedTime !== 0n
      ? integratedTime(entry.integratedTime)
      : undefined
  return {
    log,
    // Without a promise, nothing but the proof binds the entry to an index: what the bundle says could be any number.
    ...((promisedTime !== undefined || entry.proof?.leafIndex === entry.logIndex) && { logIndex: entry.logIndex }),
    ...(entry.proof !== undefined && { leafIndex: entry.proof.leafIndex }),
    ...(promisedTime && { promisedTime }),
    ...(claimed && { claimedTime: claimed }),
  }
}

/** Index, tree size, hashes, the proof's root hash and the root hash in the signed checkpoint must fit one tree. */
function verifyInclusion(body: Uint8Array, proof: NonNullable<LogEntry['proof']>, log: LogKey): void {
  const checkpoint = verifyCheckpoint(proof.checkpoint, log)
  const root = rootFromInclusionProof(body, proof)
  if (
    checkpoint.treeSize !== proof.treeSize ||
    !equalBytes(checkpoint.rootHash, proof.rootHash) ||
    !equalBytes(root, proof.rootHash)
  ) {
    throw invalid('the inclusion proof does not lead to the root hash of the checkpoint')
  }
}

function invalid(reason: string): CheckError {
  return new CheckError('ATTESTOR_LOG_ENTRY_INVALID', reason)
}
