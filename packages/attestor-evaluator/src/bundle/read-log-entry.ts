import type { TransparencyLogEntry } from '@sigstore/bundle'
import { AttestorError } from '../attestor-error.ts'
import { MAX_CHECKPOINT_LENGTH, MAX_LOG_BODY_BYTES, MAX_PROOF_HASHES } from '../limits.ts'
import { type LogEntry, MAX_INT64 } from '../sigstore/log-entry.ts'

const decimal = /^(?:0|[1-9]\d{0,18})$/

/**
 * A log entry of a bundle with exact numbers. Protobuf keeps 64-bit integers as text; what is no plain decimal is refused.
 *
 * @throws AttestorError ATTESTOR_BUNDLE_INVALID
 */
export function readLogEntry(entry: TransparencyLogEntry): LogEntry {
  const { kindVersion, inclusionPromise, inclusionProof, canonicalizedBody } = entry
  if (
    entry.logId.keyId.length === 0 ||
    canonicalizedBody.length === 0 ||
    canonicalizedBody.length > MAX_LOG_BODY_BYTES
  ) {
    throw invalid('a log entry of the bundle has no log id or no body, or too large a one')
  }
  if (inclusionPromise?.signedEntryTimestamp.length === 0)
    throw invalid('a log entry of the bundle has an empty promise')
  const integratedTime = integer(entry.integratedTime)
  return {
    logIndex: integer(entry.logIndex),
    logId: entry.logId.keyId.toString('hex'),
    kind: kindVersion.kind,
    version: kindVersion.version,
    body: canonicalizedBody,
    ...(integratedTime !== 0n && { integratedTime }),
    ...(inclusionPromise && { promise: inclusionPromise.signedEntryTimestamp }),
    ...(inclusionProof && { proof: readProof(inclusionProof) }),
  }
}

function readProof(proof: NonNullable<TransparencyLogEntry['inclusionProof']>): NonNullable<LogEntry['proof']> {
  const checkpoint = proof.checkpoint?.envelope ?? ''
  if (checkpoint === '' || checkpoint.length > MAX_CHECKPOINT_LENGTH || proof.hashes.length > MAX_PROOF_HASHES) {
    throw invalid('an inclusion proof of the bundle has no checkpoint, or is too long')
  }
  return {
    leafIndex: integer(proof.logIndex),
    treeSize: integer(proof.treeSize),
    hashes: proof.hashes,
    rootHash: proof.rootHash,
    checkpoint,
  }
}

function integer(text: string): bigint {
  const value = decimal.test(text) ? BigInt(text) : undefined
  if (value === undefined || value > MAX_INT64) throw invalid('a log entry of the bundle has a number that is none')
  return value
}

function invalid(reason: string): AttestorError {
  return new AttestorError('ATTESTOR_BUNDLE_INVALID', reason)
}
