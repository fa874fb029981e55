import { verifySignatureBytes } from '@verify-images/x509'
import { AttestorError } from '../attestor-error.ts'
import { decodeCanonicalBase64 } from '../canonical-base64.ts'
import { MAX_CHECKPOINT_LENGTH, MAX_CHECKPOINT_SIGNATURES } from '../limits.ts'
import { algorithmOf, defaultHash } from './signature-algorithm.ts'
import type { LogKey } from './trust-material.ts'

/** What a log said of itself: so many entries, with this root hash. */
export interface Checkpoint {
  readonly treeSize: bigint
  readonly rootHash: Uint8Array
}

const signatureLine = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/
const decimal = /^(?:0|[1-9]\d{0,18})$/

/**
 * The checkpoint in a signed note, once a signature by the given log holds.
 *
 * Names and key hints are the sender's words: they select a line, the key decides. A witness's signature alone is none
 * of the log, and the first line must name the log itself where its host is known (Rekor v1 adds ` - <tree id>`).
 *
 * @throws AttestorError ATTESTOR_LOG_ENTRY_INVALID
 * @see https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md
 */
export function openCheckpoint(note: string, log: LogKey): Checkpoint {
  if (note.length > MAX_CHECKPOINT_LENGTH) throw invalid('the checkpoint is too long')
  const separator = note.lastIndexOf('\n\n')
  if (separator < 0 || !note.endsWith('\n')) throw invalid('the checkpoint has no signatures')
  const body = note.slice(0, separator + 1)
  const [origin = '', size = '', root = ''] = body.split('\n', 4)
  const rootHash = decodeCanonicalBase64(root)
  if (origin === '' || !decimal.test(size) || rootHash?.length !== 32)
    throw invalid('the checkpoint does not begin with origin, size and root hash')
  const lines = note.slice(separator + 2, -1).split('\n')
  if (lines.length > MAX_CHECKPOINT_SIGNATURES) throw invalid('the checkpoint has too many signatures')
  const name = logName(origin, log)
  if (!lines.map(readSignature).some((line) => line.name === name && isSignedBy(log, body, line))) {
    throw invalid('no signature of the checkpoint is one of the log')
  }
  return { treeSize: BigInt(size), rootHash }
}

/** The name the log signs with; of a log without a known host, the one its origin line claims. */
function logName(origin: string, log: LogKey): string {
  const name = origin.replace(/ - \d{1,20}$/, '')
  if (log.host !== undefined && name !== log.host && name !== log.host.replace(/:\d+$/, ''))
    throw invalid('the checkpoint is of another log')
  return name
}

interface SignatureLine {
  readonly name: string
  readonly hint: string
  readonly signature: Uint8Array
}

function readSignature(line: string): SignatureLine {
  const [, name, encoded] = signatureLine.exec(line) ?? []
  const bytes = encoded === undefined ? undefined : decodeCanonicalBase64(encoded)
  if (name === undefined || bytes === undefined || bytes.length < 5)
    throw invalid('a signature line of the checkpoint is malformed')
  return { name, hint: bytes.subarray(0, 4).toString('hex'), signature: bytes.subarray(4) }
}

function isSignedBy(log: LogKey, body: string, { hint, signature }: SignatureLine): boolean {
  return (
    (log.checkpointKeyId ?? log.logId).startsWith(hint) &&
    verifySignatureBytes(log.key, algorithmOf(log.key, defaultHash(log.key)), Buffer.from(body, 'utf8'), signature)
  )
}

function invalid(reason: string): AttestorError {
  return new AttestorError('ATTESTOR_LOG_ENTRY_INVALID', reason)
}
