import { CheckError } from '@verify-images/primitives'
import { parsePublicKey } from '@verify-images/x509'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readCorpusText } from '../testing/corpus-source.ts'
import { createTestLog } from '../testing/test-log.ts'
import type { LogEntry, LoggedSignature } from './log-entry.ts'
import { verifyLogEntry } from './verify-log-entry.ts'
import { testWork } from '@verify-images/testing/internal'

const log = createTestLog(readCorpusText('registry/keys/sigstore-1/rekor.pkcs8.pem'))
const other = createTestLog(readCorpusText('registry/keys/sigstore-2/rekor.pkcs8.pem'))
const keyPem = readCorpusText('registry/trust/a.pub')
const bytes = Buffer.from('signed')
const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')

const logged: LoggedSignature = {
  signature: Buffer.from('signature'),
  signer: { kind: 'key', der: parsePublicKey(keyPem).spki },
  content: { kind: 'bytes', bytes },
}
const body = hashedRekord({})
const entry = log.entry(body)

function hashedRekord({
  signature = 'signature',
  key = keyPem,
  hash = sha256(bytes),
  algorithm = 'sha256',
  kind = 'hashedrekord',
  apiVersion = '0.0.1',
}): Buffer {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return Buffer.from(
    JSON.stringify({
      apiVersion,
      kind,
      spec: {
        data: { hash: { algorithm, value: hash } },
        signature: { content: base64(signature), publicKey: { content: base64(key) } },
      },
    }),
  )
}

const work = testWork()

test('accepts an entry with a promise, with a proof, and with both', async () => {
  expect(await verifyLogEntry(entry, logged, [log.key], work)).toMatchObject({
    logIndex: 12n,
    promisedTime: new Date(1_768_471_230_000),
  })
  expect(await verifyLogEntry(log.entry(body, { proof: false }), logged, [log.key], work)).toHaveProperty(
    'promisedTime',
  )
  const proven = await verifyLogEntry(log.entry(body, { promise: false }), logged, [log.key], work)
  expect(proven).not.toHaveProperty('promisedTime')
  expect(proven).toHaveProperty('claimedTime')
})

test('gives the index only where a promise signs it or the proof is for it', async () => {
  const withoutPromise = log.entry(body, { promise: false })
  const { leafIndex } = withoutPromise.proof ?? {}
  if (leafIndex === undefined) throw new Error('the control has a proof')
  const stated = { ...withoutPromise, logIndex: leafIndex + 1n }
  expect(await verifyLogEntry(stated, logged, [log.key], work)).not.toHaveProperty('logIndex')
  const proven = { ...withoutPromise, logIndex: leafIndex }
  expect(await verifyLogEntry(proven, logged, [log.key], work)).toHaveProperty('logIndex', leafIndex)
  expect(await verifyLogEntry(log.entry(body, { proof: false }), logged, [log.key], work)).toHaveProperty(
    'logIndex',
    12n,
  )
})

test('returns nothing for a log that is not trusted', async () => {
  expect(await verifyLogEntry(entry, logged, [other.key], work)).toBeUndefined()
  expect(await verifyLogEntry(entry, logged, [], work)).toBeUndefined()
})

test('tries each validity window of a log that has several', async () => {
  const ended = { ...log.key, window: { end: new Date('2026-01-01') } }
  expect(await verifyLogEntry(entry, logged, [ended, log.key], work)).toBeDefined()
  await expect(verifyLogEntry(entry, logged, [ended, ended], work)).rejects.toThrow(CheckError)
})

const { proof } = entry
if (proof === undefined) throw new Error('the control has a proof')
const { promise: _promise, ...unpromised } = entry
const { promise: _bare, proof: _proof, ...bare } = entry

const broken: readonly (readonly [string, LogEntry])[] = [
  ['neither promise nor proof', bare],
  ['a valid promise beside a proof of another root', { ...entry, proof: { ...proof, rootHash: Buffer.alloc(32) } }],
  ['a valid proof beside a promise of another entry', { ...entry, promise: other.promise(body, '1768471230', '12') }],
  [
    'a proof of another size than the checkpoint has',
    { ...unpromised, proof: { ...proof, treeSize: proof.treeSize + 1n } },
  ],
  [
    'a checkpoint of another root',
    {
      ...unpromised,
      proof: { ...proof, checkpoint: log.note(`log.test\n7\n${Buffer.alloc(32).toString('base64')}\n`) },
    },
  ],
  ['the proof of another entry', { ...unpromised, proof: { ...proof, ...log.entry(Buffer.from('{}')).proof } }],
  ['a time outside of the calendar, without promise', { ...unpromised, integratedTime: 10n ** 18n }],
  ['an index beyond 64 bits', { ...unpromised, logIndex: 2n ** 63n }],
]

test.each(broken)('rejects an entry with %s', async (_name, changed) => {
  await expect(verifyLogEntry(changed, logged, [log.key], work)).rejects.toThrow(
    expect.objectContaining({ code: 'ATTESTOR_LOG_ENTRY_INVALID' }),
  )
})

describe('a genuine entry is rejected when it is about', () => {
  test.each([
    ['another signature', hashedRekord({ signature: 'other' })],
    ['another key', hashedRekord({ key: readCorpusText('registry/trust/b.pub') })],
    ['a certificate instead of a key', hashedRekord({ key: readCorpusText('registry/trust/ca/ec-leaf.pem') })],
    ['two keys', hashedRekord({ key: keyPem + keyPem })],
    ['no key', hashedRekord({ key: 'none' })],
    ['other content', hashedRekord({ hash: sha256(Buffer.from('other')) })],
    ['the right hash in upper case', hashedRekord({ hash: sha256(bytes).toUpperCase() })],
    ['a hash of another algorithm', hashedRekord({ algorithm: 'sha512' })],
    ['a body of another kind than the entry claims', hashedRekord({ kind: 'rekord' })],
    ['a body of another version than the entry claims', hashedRekord({ apiVersion: '0.0.2' })],
    ['two kinds', Buffer.from(body.toString().replace('"kind"', '"kind":"dsse","kind"'))],
    ['null', Buffer.from('null')],
    ['text that is not JSON', Buffer.from('x')],
  ])('%s', async (_what, other) => {
    // Promise and proof are over that very body: only the body can be wrong.
    await expect(verifyLogEntry(log.entry(other), logged, [log.key], work)).rejects.toThrow(
      expect.objectContaining({ code: 'ATTESTOR_LOG_ENTRY_INVALID' }),
    )
  })
})
