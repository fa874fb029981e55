import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { decodeGoBase64, decodeProtobufBase64, type PayloadDialect } from './base64.ts'
import { parsePayloadDocument, type PayloadDocument, type PayloadDocumentOptions } from './payload-document.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const OPTIONS: PayloadDocumentOptions = {
  path: ['payload'],
  dialect: 'go',
  maxTokens: 1_000,
  maxOtherBytes: 1_000,
  what: 'the envelope',
  code: 'ATTESTOR_PAYLOAD_INVALID',
  signal: undefined,
}

function parse(text: string | Uint8Array, options: Partial<PayloadDocumentOptions> = {}): Promise<PayloadDocument> {
  return parsePayloadDocument(typeof text === 'string' ? Buffer.from(text) : text, { ...OPTIONS, ...options })
}

/** Longer than a slice, and no multiple of one. */
const LONG = Buffer.from(Array.from({ length: 200_001 }, (_, i) => i * 7))

function envelope(payload: string, more = ''): string {
  return `{"payloadType":"x",${more}"payload":${payload},"signatures":[{"sig":"AAAA"}]}`
}

test.each([
  ['small', LONG.subarray(0, 10)],
  ['large', LONG],
])('returns a %s payload and the rest of its document', async (_, bytes) => {
  expect(await parse(envelope(JSON.stringify(bytes.toString('base64'))))).toEqual({
    document: { payloadType: 'x', payload: 'AAAA', signatures: [{ sig: 'AAAA' }] },
    payload: bytes,
  })
})

test('decodes a large payload into memory that workers share', async () => {
  const { payload } = await parse(envelope(JSON.stringify(LONG.toString('base64'))))
  expect(payload?.buffer).toBeInstanceOf(SharedArrayBuffer)
})

const escaped = (text: string): string =>
  [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
const base64 = LONG.toString('base64')

test.each([
  ['escapes', escaped(base64)],
  ['line breaks', base64.replaceAll(/(.{76})/g, String.raw`$1\n`)],
  ['escaped slashes', base64.replaceAll('/', String.raw`\/`)],
  ['escapes after characters of every offset', base64.replaceAll(/A/g, escaped('A'))],
])('reads a large payload of %s', async (_, text) => {
  expect((await parse(envelope(`"${text}"`))).payload).toEqual(LONG)
})

test.each([
  ['a character of no alphabet', base64.replace(/.$/, '!')],
  ['characters whose lower byte is one of the alphabet', `${base64.slice(0, -4)}${escaped('ŁłŁł')}`],
  ['padding in the middle', `${base64.slice(0, 400)}QQ==${base64}`],
  ['a space', `${base64.slice(0, 400)} ${base64.slice(400)}`],
  ['a line break that is not escaped', `${base64.slice(0, 400)}\n${base64.slice(400)}`],
  ['an invalid escape', `${base64.slice(0, 400)}\\x${base64.slice(400)}`],
  ['an odd length', base64.slice(1)],
  ['the URL-safe alphabet', base64.replaceAll('+', '-').replaceAll('/', '_')],
])('has no payload where a large one has %s', async (_, text) => {
  expect((await parse(envelope(`"${text}"`))).payload).toBeUndefined()
})

test.each(['go', 'protobuf'] satisfies PayloadDialect[])(
  'reads every large text as the %s reader of small ones',
  async (dialect) => {
    const whole = dialect === 'go' ? decodeGoBase64 : decodeProtobufBase64
    const piece = fc.oneof(
      fc.base64String(),
      fc.constantFrom('\n', '\r', '\\', '"', '-_-_', '+/+/', '=', 'Q', 'QQ==', 'é'),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.nat(8), async (pieces, padding) => {
        const text = `${'QUJD'.repeat(17_000)}${pieces.join('')}${'A'.repeat(padding)}`
        const { payload } = await parse(envelope(JSON.stringify(text)), { dialect })
        expect(payload?.toString('hex')).toBe(whole(text)?.toString('hex'))
      }),
      { numRuns: 50 },
    )
  },
)

test.each([
  ['another member', `{"payload":"QUJD","more":"${'A'.repeat(2_000)}"}`],
  ['a key', `{"payload":"QUJD","${'A'.repeat(2_000)}":1}`],
  ['a deeper payload', `{"in":{"payload":"${'A'.repeat(2_000)}"}}`],
  ['spaces', envelope('"QUJD"', ' '.repeat(2_000))],
  ['spaces before a long payload', envelope(`"${'A'.repeat(9_000)}"`, ' '.repeat(2_000))],
  ['one number', `{"payload":${'1'.repeat(2_000)}}`],
])('refuses a document whose size is that of %s', async (_, text) => {
  await expect(parse(text)).rejects.toMatchObject({
    code: 'ATTESTOR_LIMIT_EXCEEDED',
    message: 'the envelope: expected at most 1000 bytes beside its payload',
  })
})

test.each([
  ['a second payload', envelope(`"${base64}"`, '"payload":"QUJD",'), 'the same key twice in one object'],
  ['a string that is not closed', `{"payload":"${base64}`, 'not JSON'],
  ['text behind it', `${envelope(`"${base64}"`)}x`, 'not JSON'],
  ['too many tokens', `{"payload":"${base64}","x":[${'0,'.repeat(400)}0]}`, 'more than 300 JSON tokens'],
  ['too many levels', `{"payload":"${base64}","x":${'['.repeat(300)}`, 'nested deeper than 200 levels'],
])('refuses a large document with %s', async (_, text, reason) => {
  await expect(parse(text, { maxTokens: 300 })).rejects.toMatchObject({
    code: 'ATTESTOR_PAYLOAD_INVALID',
    message: `cannot parse the envelope: ${reason}`,
  })
})

test('reads the payload of a member of a member', async () => {
  const { document, payload } = await parse(`{"a":{"payload":"${base64}","b":1}}`, { path: ['a', 'payload'] })
  expect(document).toEqual({ a: { payload: 'AAAA', b: 1 } })
  expect(payload).toEqual(LONG)
})

test('touches a large document in small steps, and copies only its payload, once', async () => {
  const texts: number[] = []
  const copies: number[] = []
  const { parse: parseJson } = JSON
  vi.spyOn(JSON, 'parse').mockImplementation((text: string) => {
    texts.push(text.length)
    return parseJson(text) as unknown
  })
  const { write } = Buffer.prototype
  vi.spyOn(Buffer.prototype, 'write').mockImplementation(function (this: Buffer, ...given: readonly unknown[]) {
    const written = Number(Reflect.apply(write, this, given))
    copies.push(written)
    return written
  })
  const concat = vi.spyOn(Buffer, 'concat')
  const large = Buffer.alloc(4_000_000, 'QUJD')
  const { payload } = await parse(Buffer.concat([Buffer.from('{"payload":"'), large, Buffer.from('"}')]))
  expect(payload).toHaveLength(3_000_000)
  expect(Math.max(...texts)).toBeLessThan(1_000)
  expect(Math.max(...copies)).toBeLessThanOrEqual(48 * 1024 + 3)
  expect(copies.reduce((sum, length) => sum + length, 0)).toBe(3_000_000)
  expect(concat.mock.results.at(-1)?.value).toHaveLength('{"payload":""}'.length + 36)
})

test('ends at the first slice when it is aborted', async () => {
  const reason = new Error('deadline')
  await expect(parse(envelope(`"${base64}"`), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})
