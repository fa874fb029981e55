import { checkErrorOf, StepError } from '@verify-images/primitives'
import { parsePublicKey } from '@verify-images/x509'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { readCorpusText } from '../testing/corpus-source.ts'
import { createTestLog } from '../testing/test-log.ts'
import { verifyLogAnnotation } from './log-annotation.ts'
import type { LogKey } from './trust-material.ts'

import { testWork } from '@verify-images/testing/internal'

const log = createTestLog(readCorpusText('registry/keys/sigstore-1/rekor.pkcs8.pem'))
const pem = readCorpusText('registry/trust/a.pub')
const bytes = Buffer.from('payload')
const work = testWork()
const signature = Buffer.from('signature')
const signatures: readonly Uint8Array[] = [Buffer.from('another'), signature]
const logged = {
  signatures,
  signer: { kind: 'key' as const, der: parsePublicKey(pem).spki },
  content: { kind: 'bytes' as const, bytes },
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

/** Returns an annotation with numbers in the given form, over which the promise is made. */
function annotation({
  time = '1768471230',
  index = '7',
  logId = log.key.logId,
  payload = base64(body),
  more = '',
} = {}): string {
  return `{"SignedEntryTimestamp":"${base64(log.promise(body, time, index))}","Payload":{"body":"${payload}","integratedTime":${time},"logIndex":${index},"logID":"${logId}"}${more}}`
}

test('returns the integrated time and the log index', async () => {
  expect(await verifyLogAnnotation(annotation(), logged, [log.key], work)).toEqual({
    integratedTime: new Date(1_768_471_230_000),
    logIndex: '7',
    signature,
  })
})

/** What stopped the log step: its code, and the fact behind it. */
async function problemOf(
  text: string,
  about: typeof logged = logged,
  logs: readonly LogKey[] = [log.key],
): Promise<unknown> {
  try {
    await verifyLogAnnotation(text, about, logs, work)
    return 'accepted'
  } catch (error) {
    if (!(error instanceof StepError)) return error
    expect(error.step).toEqual({ kind: 'attestor-verify-log-entry' })
    const problem = checkErrorOf(error)
    return { code: problem?.code, detail: problem?.details.detail?.kind }
  }
}

test('distinguishes an entry of an untrusted log from one of another signature', async () => {
  const code = 'ATTESTOR_LOG_ENTRY_INVALID'
  expect(await problemOf(annotation())).toBe('accepted')
  expect(await problemOf(annotation(), logged, [])).toEqual({ code, detail: 'attestor-log-not-trusted' })
  expect(await problemOf(annotation(), { ...logged, signatures: [Buffer.from('other')] })).toEqual({
    code,
    detail: 'attestor-log-entry-of-another-signature',
  })
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
])('rejects an annotation with %s', async (_name, text) => {
  expect(await problemOf(text)).toMatchObject({ code: 'ATTESTOR_LOG_ENTRY_INVALID' })
})
