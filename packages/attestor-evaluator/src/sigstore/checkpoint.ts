import { CheckError, decodeCanonicalBase64 } from '@verify-images/primitives'
import { verifySignatureBytes } from '@verify-images/x509'
import { MAX_CHECKPOINT_LENGTH, MAX_CHECKPOINT_SIGNATURES } from '../limits.ts'
import { algorithmOf, defaultHash } from '../keys/verification-key.ts'
import type { LogKey } from './trust-material.ts'

/** The size and the root hash of a log's tree, as signed by the log. */
export interface Checkpoint {
  readonly treeSize: bigint
  readonly rootHash: Uint8Array
}

const signatureLine = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/
const decimal = /^(?:0|[1-9]\d{0,18})$/

/**
 * Returns the checkpoint in a signed note after verifying the log's signature.
 *
 * Names and key hints are chosen by the sender: they select a line, the key decides. A witness's signature does not
 * stand in for the log's, and the first line must name the log where its host is known (Rekor v1 adds ` - <tree id>`).
 *
 * @throws CheckError ATTESTOR_LOG_ENTRY_INVALID
 * @see https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md
 */
export function verifyCheckpoint(note: string, log: LogKey): Checkpoint {
  if (note.length > MAX_CHECKPOINT_LENGTH)
    throw invalid(`expected at most ${MAX_CHECKPOINT_LENGTH} characters, got ${note.length}`)
  const separator = note.lastIndexOf('\n\n')
  if (separator < 0 || !note.endsWith('\n')) throw invalid('expected a signed note, got no signatures')
  const body = note.slice(0, separator + 1)
  const [origin = '', size = '', root = ''] = body.split('\n', 4)
  const rootHash = decodeCanonicalBase64(root)
  if (origin === '' || !decimal.test(size) || rootHash?.length !== 32)
    throw invalid('expected origin, tree size and root hash as its first lines')
  const lines = note.slice(separator + 2, -1).split('\n')
  if (lines.length > MAX_CHECKPOINT_SIGNATURES)
    throw invalid(`expected at most ${MAX_CHECKPOINT_SIGNATURES} signatures, got ${lines.length}`)
  const name = logName(origin, log)
  if (!lines.map(parseSignature).some((line) => line.name === name && isSignedBy(log, body, line)))
    throw invalid('expected a valid signature by the log')
  return { treeSize: BigInt(size), rootHash }
}

/** Returns the name that the log signs with: its host, or what the origin line says where the host is unknown. */
function logName(origin: string, log: LogKey): string {
  const name = origin.replace(/ - \d{1,20}$/, '')
  if (log.host !== undefined && name !== log.host && name !== log.host.replace(/:\d+$/, ''))
    throw invalid(`expected the origin ${log.host}, got another log`)
  return name
}

interface SignatureLine {
  readonly name: string
  readonly hint: string
  readonly signature: Uint8Array
}

function parseSignature(line: string): SignatureLine {
  const [, name, encoded] = signatureLine.exec(line) ?? []
  const bytes = encoded === undefined ? undefined : decodeCanonicalBase64(encoded)
  if (name === undefined || bytes === undefined || bytes.length < 5) throw invalid('malformed signature line')
  return { name, hint: bytes.subarray(0, 4).toString('hex'), signature: bytes.subarray(4) }
}

function isSignedBy(log: LogKey, body: string, { hint, signature }: SignatureLine): boolean {
  return (
    (log.checkpointKeyId ?? log.logId).startsWith(hint) &&
    verifySignatureBytes(log.key, algorithmOf(log.key, defaultHash(log.key)), Buffer.from(body, 'utf8'), signature)
  )
}

function invalid(problem: string): CheckError {
  return new CheckError('ATTESTOR_LOG_ENTRY_INVALID', `checkpoint of the transparency log: ${problem}`)
}
