import { CheckError } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { readCorpusText } from '../testing/corpus-source.ts'
import { createTestLog } from '../testing/test-log.ts'
import type { LogEntry } from './log-entry.ts'
import { verifyInclusionPromise } from './inclusion-promise.ts'

const log = createTestLog(readCorpusText('registry/keys/sigstore-1/rekor.pkcs8.pem'))
const body = Buffer.from('{}')
const time = 1_768_471_230n
const entry = log.entry(body, { time, proof: false })
const at = new Date(Number(time) * 1000)

test('returns the time that the log signed', () => {
  expect(verifyInclusionPromise(entry, log.key)).toEqual(at)
})

test("accepts a time at both ends of the key's validity window, and none outside", () => {
  expect(verifyInclusionPromise(entry, { ...log.key, window: { start: at, end: at } })).toEqual(at)
  for (const window of [{ end: new Date(at.getTime() - 1) }, { start: new Date(at.getTime() + 1) }]) {
    expect(() => verifyInclusionPromise(entry, { ...log.key, window })).toThrow(
      expect.objectContaining({ code: 'ATTESTOR_LOG_ENTRY_INVALID' }),
    )
  }
})

test('distinguishes indexes that are the same number in JavaScript', () => {
  const index = 9_007_199_254_740_993n
  const big = log.entry(body, { index, proof: false })
  expect(verifyInclusionPromise(big, log.key)).toEqual(at)
  expect(() => verifyInclusionPromise({ ...big, logIndex: index - 1n }, log.key)).toThrow(CheckError)
})

const changes: readonly (readonly [string, Partial<LogEntry>])[] = [
  ['another index', { logIndex: entry.logIndex + 1n }],
  ['another time', { integratedTime: time - 1n }],
  ['another body', { body: Buffer.from('[]') }],
  ['another log id', { logId: '00'.repeat(32) }],
  ['another signature', { promise: Buffer.alloc(70, 1) }],
  ['an empty signature', { promise: new Uint8Array() }],
]

test.each(changes)('rejects a promise for %s', (_name, change) => {
  expect(() => verifyInclusionPromise({ ...entry, ...change }, log.key)).toThrow(
    expect.objectContaining({ code: 'ATTESTOR_LOG_ENTRY_INVALID' }),
  )
})

test.each(['0', '-1', '253402300800', '1000000000000000000000'])(
  'rejects the time %s although the log signed it',
  (seconds) => {
    const signed = {
      ...entry,
      integratedTime: BigInt(seconds),
      promise: log.promise(body, seconds, `${entry.logIndex}`),
    }
    expect(() => verifyInclusionPromise(signed, log.key)).toThrow(CheckError)
  },
)

test('rejects an entry without a promise or without a time', () => {
  const { promise: _promise, ...unpromised } = entry
  const { integratedTime: _time, ...timeless } = entry
  for (const bare of [unpromised, timeless]) expect(() => verifyInclusionPromise(bare, log.key)).toThrow(CheckError)
})
