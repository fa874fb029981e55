import { expect, test } from 'vitest'
import { der, toPem } from './der-writer.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

// X.690, 8.3: two's complement in as few octets as possible.
test.each<readonly [bigint | number, string]>([
  [0, '020100'],
  [127, '02017f'],
  [128, '02020080'],
  [256, '02020100'],
  [-1, '0201ff'],
  [-128, '020180'],
  [-129, '0202ff7f'],
  [2n ** 64n, '0209010000000000000000'],
])('encodes the integer %s in as few octets as possible', (value, expected) => {
  expect(hex(der.integer(value))).toBe(expected)
})

test.each([
  ['1.2.840.113549', '06062a864886f70d'],
  ['2.5.29.15', '0603551d0f'],
  ['2.999.3', '0603883703'],
  ['1.3.6.1.4.1.57264.1.8', '060a2b0601040183bf300108'],
])('encodes the object identifier %s with base-128 arcs', (dotted, expected) => {
  expect(hex(der.oid(dotted))).toBe(expected)
})

test.each([
  [0, '0400'],
  [127, '047f'],
  [128, '048180'],
  [255, '0481ff'],
  [256, '04820100'],
  [65_536, '0483010000'],
])('encodes a length of %i octets in the shortest form', (length, head) => {
  expect(hex(der.octetString(new Uint8Array(length))).slice(0, head.length)).toBe(head)
})

test.each([
  ['2026-11-30T12:34:56.789Z', 'UTCTime', 0x17, '261130123456Z'],
  ['1950-01-01T00:00:00Z', 'UTCTime', 0x17, '500101000000Z'],
  ['2049-12-31T23:59:59Z', 'UTCTime', 0x17, '491231235959Z'],
  ['2050-01-01T00:00:00Z', 'GeneralizedTime', 0x18, '20500101000000Z'],
  ['1949-12-31T23:59:59Z', 'GeneralizedTime', 0x18, '19491231235959Z'],
])('encodes the certificate time %s as %s', (time, _, tag, digits) => {
  expect(der.time(new Date(time))).toEqual(der.text(tag, digits))
})

test.each([
  ['2026-01-02T03:04:05Z', '20260102030405Z'],
  ['2026-01-02T03:04:05.120Z', '20260102030405.12Z'],
  ['2026-01-02T03:04:05.007Z', '20260102030405.007Z'],
])('encodes the timestamp %s without trailing zeros', (time, digits) => {
  expect(der.generalizedTime(new Date(time))).toEqual(der.text(0x18, digits))
})

test('encodes strings, booleans, bits and context tags as X.690 requires', () => {
  expect(hex(der.boolean(true))).toBe('0101ff')
  expect(hex(der.boolean(false))).toBe('010100')
  expect(hex(der.null())).toBe('0500')
  expect(hex(der.utf8('é'))).toBe('0c02c3a9')
  expect(hex(der.printable('US'))).toBe('13025553')
  expect(hex(der.ia5('a@b'))).toBe('1603614062')
  expect(hex(der.bitString(Uint8Array.of(0xa0), 5))).toBe('030205a0')
  expect(hex(der.context(3, 'constructed', der.null()))).toBe('a3020500')
  expect(hex(der.context(6, 'primitive', Buffer.from('x')))).toBe('860178')
  expect(hex(der.set(der.sequence(der.null()), der.null()))).toBe('3106300205000500')
})

test('breaks PEM into lines of 64 characters', () => {
  expect(toPem('PUBLIC KEY', new Uint8Array(49))).toBe(
    `-----BEGIN PUBLIC KEY-----\n${'A'.repeat(64)}\nAA==\n-----END PUBLIC KEY-----\n`,
  )
})
