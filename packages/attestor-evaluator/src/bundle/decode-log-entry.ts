import { CheckError } from '@verify-images/primitives'
import type { TransparencyLogEntry } from '@sigstore/bundle'
import { MAX_CHECKPOINT_LENGTH, MAX_LOG_BODY_BYTES, MAX_PROOF_HASHES } from '../limits.ts'
import { type LogEntry, MAX_INT64 } from '../sigstore/log-entry.ts'

const decimal = /^(?:0|[1-9]\d{0,18})$/

/**
 * Decodes a log entry of a bundle. Protobuf writes 64-bit integers as strings; anything but a plain decimal is refused.
 *
 * @throws CheckError ATTESTOR_BUNDLE_INVALID
 */
export function decodeLogEntry(entry: TransparencyLogEntry): LogEntry {
  const { kindVersion, inclusionPromise, inclusionProof, canonicalizedBody } = entry
  if (
    entry.logId.keyId.length === 0 ||
    canonicalizedBody.length === 0 ||
    canonicalizedBody.length > MAX_LOG_BODY_BYTES
  ) {
    throw invalid(`expected a log id and a body of at most ${MAX_LOG_BODY_BYTES} bytes`)
  }
  if (inclusionPromise?.signedEntryTimestamp.length === 0) throw invalid('empty inclusion promise')
  const integratedTime = integer(entry.integratedTime)
  return {
    logIndex: integer(entry.logIndex),
    logId: entry.logId.keyId.toString('hex'),
    kind: kindVersion.kind,
    version: kindVersion.version,
    body: canonicalizedBody,
    ...(integratedTime !== 0n && { integratedTime }),
    ...(inclusionPromise && { promise: inclusionPromise.signedEntryTimestamp }),
    ...(inclusionProof && { proof: decodeProof(inclusionProof) }),
  }
}

function decodeProof(proof: NonNullable<TransparencyLogEntry['inclusionProof']>): NonNullable<LogEntry['proof']> {
  const checkpoint = proof.checkpoint?.envelope ?? ''
  if (checkpoint === '' || checkpoint.length > MAX_CHECKPOINT_LENGTH || proof.hashes.length > MAX_PROOF_HASHES) {
    throw invalid(
      `inclusion proof: expected a checkpoint of at most ${MAX_CHECKPOINT_LENGTH} characters and at most ${MAX_PROOF_HASHES} hashes`,
    )
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
  if (value === undefined || value > MAX_INT64) throw invalid('expected decimal 64-bit integers')
  return value
}

function invalid(problem: string): CheckError {
  return new CheckError('ATTESTOR_BUNDLE_INVALID', `log entry of the bundle: ${problem}`)
}
