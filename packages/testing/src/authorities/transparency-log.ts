import { createHash } from 'node:crypto'
import { base64 } from '../formats/dsse.ts'
import { rekorBody, rekorTilesBody, type LogBody, type LogRecord } from '../formats/log-body.ts'
import { createSigningKey, type SigningKey } from '../signing-key.ts'
import { MerkleTree, type InclusionProof } from './merkle-tree.ts'

/** The answer of a transparency log to a new entry. */
export interface LogEntry {
  readonly logIndex: number
  readonly logId: Uint8Array
  readonly body: LogBody
  /** Seconds since 1970. Entries of Rekor v2 have no time. */
  readonly integratedTime?: number
  /** The inclusion promise (SET). Only Rekor v1 makes one. */
  readonly promise?: Uint8Array
  readonly proof: InclusionProof & { readonly checkpoint: string }
}

/** A transparency log for signatures. */
export interface TransparencyLog {
  readonly version: 'v1' | 'v2'
  readonly url: string
  readonly key: SigningKey
  readonly logId: Uint8Array
  readonly add: (record: LogRecord, at: Date) => LogEntry
}

/** Creates a Rekor v1 log: promises and proofs signed by a P-256 key. Its log ID is the hash of that key. */
export function createRekor(host: string): TransparencyLog {
  const key = createSigningKey('P-256')
  const logId = sha256(key.spki)
  const tree = createTree()
  // `logIndex` counts the entries of all shards, the index in the proof those of the last one.
  const earlierShards = 1000
  return {
    version: 'v1',
    url: `https://${host}`,
    key,
    logId,
    add: (record, at) => {
      const body = rekorBody(record)
      const proof = tree.append(body.bytes)
      const logIndex = earlierShards + proof.leafIndex
      const integratedTime = Math.floor(at.getTime() / 1000)
      return {
        logIndex,
        logId,
        body,
        integratedTime,
        promise: key.sign(promisedBytes(body.bytes, String(integratedTime), String(logIndex), logId)),
        proof: {
          ...proof,
          checkpoint: signNote(checkpointBody(`${host} - 1193050959916656506`, proof), host, { key, logId }),
        },
      }
    },
  }
}

/** Creates a Rekor v2 log: proofs only, signed by an Ed25519 key. Its log ID is the hash of its name and key. */
export function createRekorTiles(host: string): TransparencyLog {
  const key = createSigningKey('Ed25519')
  // The raw Ed25519 key is the last 32 bytes of its SPKI.
  const logId = sha256(Buffer.concat([Buffer.from(`${host}\n`), Uint8Array.of(ED25519_NOTE), key.spki.subarray(-32)]))
  const tree = createTree()
  return {
    version: 'v2',
    url: `https://${host}`,
    key,
    logId,
    add: (record) => {
      const body = rekorTilesBody(record)
      const proof = tree.append(body.bytes)
      return {
        logIndex: proof.leafIndex,
        logId,
        body,
        proof: { ...proof, checkpoint: signNote(checkpointBody(host, proof), host, { key, logId }) },
      }
    },
  }
}

/** The signature type of an Ed25519 signature. @see https://github.com/C2SP/C2SP/blob/main/signed-note.md */
const ED25519_NOTE = 1

/** Returns a tree with earlier entries: in an empty one, the first proof would have no hashes. */
function createTree(): MerkleTree {
  const tree = new MerkleTree()
  for (const leaf of ['one', 'two', 'three']) tree.append(Buffer.from(leaf))
  return tree
}

/**
 * Returns what an inclusion promise (SET) is over: canonical JSON (RFC 8785), with the numbers in the given form.
 *
 * @see https://github.com/sigstore/rekor/blob/main/pkg/api/entries.go
 */
export function promisedBytes(
  body: Uint8Array,
  integratedTime: string,
  logIndex: string,
  logId: Uint8Array,
): Uint8Array {
  const id = Buffer.from(logId).toString('hex')
  return Buffer.from(
    `{"body":"${base64(body)}","integratedTime":${integratedTime},"logID":"${id}","logIndex":${logIndex}}`,
  )
}

/** @see https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md */
export function checkpointBody(origin: string, { treeSize, rootHash }: InclusionProof): string {
  return `${origin}\n${String(treeSize)}\n${base64(rootHash)}\n`
}

/** @see https://github.com/C2SP/C2SP/blob/main/signed-note.md */
export function signNote(
  body: string,
  name: string,
  { key, logId }: { readonly key: Pick<SigningKey, 'sign'>; readonly logId: Uint8Array },
): string {
  const signature = Buffer.concat([logId.subarray(0, 4), key.sign(Buffer.from(body))])
  return `${body}\n\u2014 ${name} ${base64(signature)}\n`
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}
