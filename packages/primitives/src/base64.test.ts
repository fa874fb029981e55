import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeCanonicalBase64, decodeCanonicalBase64Url, decodeGoBase64 } from './base64.ts'

describe.each([
  ['base64', decodeCanonicalBase64],
  ['base64url', decodeCanonicalBase64Url],
] as const)('canonical %s', (encoding, decode) => {
  test('decodes what an encoder writes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decode(Buffer.from(bytes).toString(encoding))).toEqual(Buffer.from(bytes))
      }),
    )
  })

  test('has one spelling for each byte string', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\w+/=-]{0,12}$/)), (text) => {
        const bytes = decode(text)
        if (bytes !== undefined) expect(bytes.toString(encoding)).toBe(text)
      }),
    )
  })
})

test.each(['QQ', 'QR==', 'Q Q=', 'QQ==\n', '-_-_', 'QQ==QQ==', '====', 'QQ=', '\u00c1QQ=', 'Q', 'Q==='])(
  'base64 refuses %j',
  (text) => {
    expect(decodeCanonicalBase64(text)).toBeUndefined()
  },
)

test.each(['QQ==', 'QR', 'Q Q', 'QQ\n', '+/+/', 'Q', 'QQ=', '\u00c1Q', 'QQ.QQ'])('base64url refuses %j', (text) => {
  expect(decodeCanonicalBase64Url(text)).toBeUndefined()
})

test.each([
  ['', ''],
  ['YQ==', 'a'],
  ['YR==', 'a'],
  ['Y\r\nQ\n==', 'a'],
  ['YQ', undefined],
  ['YQ=', undefined],
  ['YQ==YQ==', undefined],
  ['Y Q=', undefined],
  ['-_==', undefined],
])('reads %j as Go does: %j', (text, expected) => expect(decodeGoBase64(text)?.toString()).toBe(expected))
