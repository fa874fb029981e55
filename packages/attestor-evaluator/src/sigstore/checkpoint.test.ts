import { CheckError } from '@verify-images/primitives'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCorpusText } from '../testing/corpus-source.ts'
import { createTestLog } from '../testing/test-log.ts'
import { verifyCheckpoint } from './checkpoint.ts'

const log = createTestLog(readCorpusText('registry/keys/sigstore-1/rekor.pkcs8.pem'))
const other = createTestLog(readCorpusText('registry/keys/sigstore-2/rekor.pkcs8.pem'))
const newer = createTestLog(readCorpusText('registry/keys/sigstore-1/rekor2.pkcs8.pem'))
const root = Buffer.alloc(32, 7).toString('base64')
const body = `log.test - 123\n9007199254740993\n${root}\n`

test('reads exact tree sizes, signed with ECDSA and with Ed25519', () => {
  expect(verifyCheckpoint(log.note(body), log.key)).toEqual({
    treeSize: 9_007_199_254_740_993n,
    rootHash: Buffer.alloc(32, 7),
  })
  expect(verifyCheckpoint(newer.note(`log.test\n3\n${root}\n`), newer.key).treeSize).toBe(3n)
})

test("finds the log's signature among those of witnesses, and allows further lines in the body", () => {
  const extended = `${body}Timestamp: 1\n`
  const [, witness = ''] = other.note(extended, 'witness.test').split('\n\n')
  const [text = '', own = ''] = log.note(extended).split('\n\n')
  expect(verifyCheckpoint(`${text}\n\n${witness}${own}`, log.key).treeSize).toBe(9_007_199_254_740_993n)
  expect(() => verifyCheckpoint(`${text}\n\n${witness}`, log.key)).toThrow(CheckError)
})

test('identifies a log by its checkpoint key id where the trusted root has one', () => {
  const renamed = { ...log.key, checkpointKeyId: 'ff'.repeat(32) }
  expect(() => verifyCheckpoint(log.note(body), renamed)).toThrow(CheckError)
  expect(verifyCheckpoint(log.note(body), { ...renamed, checkpointKeyId: log.key.logId }).treeSize).toBeDefined()
})

describe('refuses', () => {
  const good = log.note(body)
  test.each([
    ['another origin line, signed by the log itself', log.note(body.replace('log.test', 'elsewhere.test'))],
    ['another name on the signature line', log.note(body, 's')],
    ['a name that is a pattern', log.note(body, '(a+)+$')],
    ['a note of another log', other.note(body)],
    ['a note without blank line', good.replace('\n\n', '\n')],
    ['a note without signatures', `${body}\n`],
    ['a malformed signature line', `${good}x\n`],
    ['a signature in non-canonical base64', good.replace(/([A-Za-z0-9+/]{4})=*\n$/, ' $1\n')],
    ['a tree size in hex', log.note(body.replace('9007199254740993', '0x10'))],
    ['a tree size with a leading zero', log.note(body.replace('9007199254740993', '07'))],
    ['a short root hash', log.note(`log.test\n3\n${Buffer.alloc(31).toString('base64')}\n`)],
    ['an empty note', ''],
    ['a changed body', good.replace('9007199254740993', '9007199254740994')],
    ['two thousand signature lines', good + good.split('\n\n')[1]?.repeat(2000)],
  ])('%s', (_what, note) => {
    const start = performance.now()
    expect(() => verifyCheckpoint(note, log.key)).toThrow(CheckError)
    expect(performance.now() - start).toBeLessThan(50)
  })
})

test('throws only CheckError for random notes', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc
          .array(fc.constantFrom('\n', '\n\n', '\u2014 ', 'log.test', ' - 1', '3', root, 'AAAA'))
          .map((parts) => parts.join('')),
      ),
      (note) => {
        expect(() => verifyCheckpoint(note, log.key)).toThrow(CheckError)
      },
    ),
  )
})
