import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeCanonicalBase64,
  decodeCanonicalBase64Url,
  decodeDsseSignature,
  decodeGoBase64,
  decodeProtobufBase64,
} from './base64.ts'

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

test('reads 64 MB of base64, and refuses one wrong character at its end', () => {
  const text = Buffer.alloc(64 * 1024 * 1024, 1).toString('base64')
  expect(decodeGoBase64(text)?.length).toBe(64 * 1024 * 1024)
  expect(decodeDsseSignature(`${text.slice(0, -1)}!`)).toBeUndefined()
  expect(decodeProtobufBase64(`${text}!`)).toBeUndefined()
})

test.each([
  ['-_==', 'fb', 'fb'],
  ['-\n_==', 'fb', undefined],
  ['-_-_', 'fbffbf', 'fbffbf'],
  ['-/+_', undefined, undefined],
  ['-_', undefined, 'fb'],
  ['+/', undefined, 'fb'],
  ['+', undefined, undefined],
  ['YQ=', undefined, undefined],
  ['YQ==YQ==', undefined, undefined],
])('reads %j as a DSSE signature as %j and as bytes of protobuf as %j', (text, dsse, protobuf) => {
  expect(decodeDsseSignature(text)?.toString('hex')).toBe(dsse)
  expect(decodeProtobufBase64(text)?.toString('hex')).toBe(protobuf)
})

test('finds the same bytes in every spelling that a dialect allows', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(), (bytes, at) => {
      const expected = Buffer.from(bytes)
      const text = expected.toString('base64')
      const urlSafe = text.replaceAll('+', '-').replaceAll('/', '_')
      const broken = `${urlSafe.slice(0, at % (text.length + 1))}\r\n${urlSafe.slice(at % (text.length + 1))}`
      expect(decodeDsseSignature(broken)).toEqual(expected)
      expect(decodeProtobufBase64(expected.toString('base64url'))).toEqual(expected)
      expect(decodeGoBase64(`${text}\n`)).toEqual(expected)
    }),
  )
})
