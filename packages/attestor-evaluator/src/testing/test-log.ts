import { checkpointBody, MerkleTree, promisedBytes, signNote } from '@verify-images/testing/internal'
import { parsePublicKey } from '@verify-images/x509'
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { LogEntry } from '../sigstore/log-entry.ts'
import type { LogKey } from '../sigstore/trust-material.ts'

/** A transparency log in memory, with a tree of its own for each entry. */
export interface TestLog {
  readonly key: LogKey
  /** An entry with a promise and a proof that hold, unless `proof` or `promise` says otherwise. */
  entry(body: Uint8Array, options?: EntryOptions): LogEntry
  /** A signed note over any text. */
  note(body: string, name?: string): string
  /** A promise over these very numbers, given as they are written. */
  promise(body: Uint8Array, integratedTime: string, logIndex: string): Uint8Array
}

export interface EntryOptions {
  readonly kind?: string
  readonly version?: string
  readonly time?: bigint
  readonly index?: bigint
  readonly treeSize?: number
  readonly promise?: boolean
  readonly proof?: boolean
}

const host = 'log.test'

/** @param pem a private key of any kind that logs use */
export function createTestLog(pem: string): TestLog {
  const privateKey = createPrivateKey(pem)
  const publicKey = parsePublicKey(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }))
  const key: LogKey = { logId: publicKey.fingerprint, host, key: publicKey, window: {} }
  const logId = Buffer.from(key.logId, 'hex')
  const signing = {
    sign: (data: Uint8Array): Uint8Array => sign(publicKey.kind === 'ed25519' ? null : 'sha256', data, privateKey),
  }
  const log: TestLog = {
    key,
    note: (body, name = host) => signNote(body, name, { key: signing, logId }),
    promise: (body, integratedTime, logIndex) => signing.sign(promisedBytes(body, integratedTime, logIndex, logId)),
    entry(
      body,
      {
        kind = 'hashedrekord',
        version = '0.0.1',
        time = 1_768_471_230n,
        index = 12n,
        treeSize = 7,
        promise = true,
        proof = true,
      } = {},
    ) {
      const leaves = Array.from({ length: treeSize }, (_, i) => (i === 2 % treeSize ? body : Buffer.from(`leaf ${i}`)))
      const proven = new MerkleTree(leaves).prove(2 % treeSize)
      return {
        logIndex: index,
        logId: key.logId,
        kind,
        version,
        body,
        integratedTime: time,
        ...(promise && { promise: log.promise(body, `${time}`, `${index}`) }),
        ...(proof && {
          proof: {
            ...proven,
            leafIndex: BigInt(proven.leafIndex),
            treeSize: BigInt(treeSize),
            checkpoint: log.note(checkpointBody(`${host} - 1`, proven)),
          },
        }),
      }
    },
  }
  return log
}
