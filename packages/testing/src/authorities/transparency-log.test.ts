import { createHash, createPublicKey, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import type { LogRecord } from '../formats/log-body.ts'
import { createSigningKey } from '../signing-key.ts'
import { createRekor, createRekorTiles, type LogEntry, type TransparencyLog } from './transparency-log.ts'

const signer = createSigningKey()
const content = { bytes: Buffer.from('payload') }
const record: LogRecord = {
  entry: 'hashedrekord',
  signature: signer.sign(content.bytes),
  signer: { kind: 'key', der: signer.spki, key: 'P-256' },
  content,
}
const signedAt = new Date('2026-05-01T10:00:00.999Z')
const hash = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
const node = (left: Uint8Array, right: Uint8Array): Buffer => hash(Uint8Array.of(1), left, right)

/** Returns the root that a proof leads to. @see RFC 9162, section 2.1.3.2 */
function rootOf({ proof, body }: LogEntry): Buffer {
  let [index, last] = [proof.leafIndex, proof.treeSize - 1]
  let root = hash(Uint8Array.of(0), body.bytes)
  for (const sibling of proof.hashes) {
    if (index % 2 === 1 || index === last) {
      root = node(sibling, root)
      while (index % 2 === 0 && index > 0) [index, last] = [index >> 1, last >> 1]
    } else root = node(root, sibling)
    ;[index, last] = [index >> 1, last >> 1]
  }
  return root
}

test.each<TransparencyLog>([createRekor('rekor.test'), createRekorTiles('tiles.test')])(
  'proves inclusion of every entry with a signed checkpoint: $url',
  (log) => {
    for (const size of [4, 5, 6, 7, 8, 9]) {
      const entry = log.add(record, signedAt)
      const { proof } = entry
      expect(proof).toMatchObject({ treeSize: size, leafIndex: size - 1, rootHash: rootOf(entry) })
      const [body = '', signature = ''] = proof.checkpoint.split('\n\u2014 ')
      const [origin, treeSize, rootHash] = body.split('\n')
      expect(origin?.split(' ')[0]).toBe(new URL(log.url).host)
      expect([treeSize, rootHash]).toEqual([String(size), rootOf(entry).toString('base64')])
      const [name, encoded = ''] = signature.trimEnd().split(' ')
      const bytes = Buffer.from(encoded, 'base64')
      expect(name).toBe(new URL(log.url).host)
      expect(bytes.subarray(0, 4)).toEqual(Buffer.from(log.logId).subarray(0, 4))
      const algorithm = log.version === 'v1' ? 'sha256' : null
      const publicKey = createPublicKey(log.key.publicKey)
      expect(verify(algorithm, Buffer.from(body), publicKey, bytes.subarray(4))).toBe(true)
    }
  },
)

test('signs the inclusion promise of Rekor v1 over canonical JSON', () => {
  const log = createRekor('rekor.test')
  const { body, integratedTime, logIndex, logId, promise = new Uint8Array() } = log.add(record, signedAt)
  expect(integratedTime).toBe(Date.parse('2026-05-01T10:00:00Z') / 1000)
  expect(Buffer.from(logId)).toEqual(hash(log.key.spki))
  const promised = (time: number): Buffer =>
    Buffer.from(
      `{"body":"${Buffer.from(body.bytes).toString('base64')}","integratedTime":${String(time)},` +
        `"logID":"${Buffer.from(logId).toString('hex')}","logIndex":${String(logIndex)}}`,
    )
  expect(verify('sha256', promised(1_777_629_600), log.key.publicKey, promise)).toBe(true)
  expect(verify('sha256', promised(1_777_629_601), log.key.publicKey, promise)).toBe(false)
})

test('makes entries without a time and a promise in Rekor v2', () => {
  const entry = createRekorTiles('tiles.test').add(record, signedAt)
  expect(entry).not.toHaveProperty('promise')
  expect(entry).not.toHaveProperty('integratedTime')
  expect(entry.body).toMatchObject({ kind: 'hashedrekord', version: '0.0.2' })
})
