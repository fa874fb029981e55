import { CheckError } from '@verify-images/primitives'
import { parsePublicKey } from '@verify-images/x509'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { upstreamTextOf } from '../attestor-error.ts'
import { readCorpusText } from '../testing/corpus-source.ts'
import { createTestLog } from '../testing/test-log.ts'
import { verifyLogAnnotation } from './log-annotation.ts'
import type { LoggedSignature } from './log-entry.ts'

const log = createTestLog(readCorpusText('registry/keys/sigstore-1/rekor.pkcs8.pem'))
const pem = readCorpusText('registry/trust/a.pub')
const bytes = Buffer.from('payload')
const logged: LoggedSignature = {
  signature: Buffer.from('signature'),
  signer: { kind: 'key', der: parsePublicKey(pem).spki },
  content: { kind: 'bytes', bytes },
}
const base64 = (data: Uint8Array | string): string => Buffer.from(data).toString('base64')
const body = Buffer.from(
  JSON.stringify({
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('hex') } },
      signature: { content: base64('signature'), publicKey: { content: base64(pem) } },
    },
  }),
)

/** An annotation whose numbers stand as they are given; the promise is over that very text. */
function annotation({
  time = '1768471230',
  index = '7',
  logId = log.key.logId,
  payload = base64(body),
  more = '',
} = {}): string {
  return `{"SignedEntryTimestamp":"${base64(log.promise(body, time, index))}","Payload":{"body":"${payload}","integratedTime":${time},"logIndex":${index},"logID":"${logId}"}${more}}`
}

test('returns the integrated time and the log index', () => {
  expect(verifyLogAnnotation(annotation(), logged, [log.key])).toEqual({
    integratedTime: new Date(1_768_471_230_000),
    logIndex: '7',
  })
})

test("reports failures in cosign's words", () => {
  const said = (text: string, about = logged, logs = [log.key]): string => {
    try {
      verifyLogAnnotation(text, about, logs)
      return ''
    } catch (error) {
      return error instanceof CheckError ? upstreamTextOf(error) : 'foreign'
    }
  }
  expect(said(annotation(), logged, [])).toBe(
    'error verifying bundle: verifying bundle: rekor log public key not found for payload',
  )
  expect(said(annotation(), { ...logged, signature: Buffer.from('other') })).toBe(
    'error verifying bundle: signature in bundle does not match signature being verified',
  )
})

test.each([
  ['a negative time', annotation({ time: '-1' })],
  ['a time with exponent', annotation({ time: '1e21' })],
  ['a time with fraction', annotation({ time: '1768471230.5' })],
  ['a time in quotes', annotation({ time: '"0x10"' })],
  ['an index that is not exact in JavaScript', annotation({ index: '9007199254740993' })],
  ['an index other than the promised one', annotation().replace('"logIndex":7', '"logIndex":8')],
  ['a log id in upper case', annotation({ logId: log.key.logId.toUpperCase() })],
  ['a body in non-canonical base64', annotation({ payload: ` ${base64(body)}` })],
  ['a member twice', annotation({ more: ',"Payload":{}' })],
  ['a member twice in another case', annotation({ more: ',"payload":{}' })],
  ['trailing text', `${annotation()}{}`],
  ['null instead of an object', 'null'],
  ['text that is not JSON', 'x'],
  ['no promise', annotation().replace('SignedEntryTimestamp', 'Signed')],
])('rejects an annotation with %s', (_name, text) => {
  expect(() => verifyLogAnnotation(text, logged, [log.key])).toThrow(
    expect.objectContaining({ code: 'ATTESTOR_LOG_ENTRY_INVALID' }),
  )
})
