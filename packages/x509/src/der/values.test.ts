import fc from 'fast-check'
import { expect, test } from 'vitest'
import { der } from '@verify-images/testing/internal'
import { openDer } from './cursor.ts'
import type { DerElement } from './cursor.ts'
import { TAG } from './tag.ts'
import { readInteger, readOid, readSmallInteger, readText, readTime } from './values.ts'

const only = (bytes: Uint8Array): DerElement => openDer(bytes, 'value').next('value')

test('reads integers of any size and sign', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), (value) => {
      expect(readInteger(only(der.integer(value)))).toBe(value)
    }),
  )
})

test('rejects small integers outside of their range', () => {
  expect(readSmallInteger(only(der.integer(5)), 'x', 0, 5)).toBe(5)
  for (const value of [6n, -1n, 2n ** 64n]) {
    expect(() => readSmallInteger(only(der.integer(value)), 'x', 0, 5)).toThrow(
      expect.objectContaining({ code: 'CERTIFICATE_MALFORMED' }),
    )
  }
})

test('reads OIDs exactly, with arcs beyond 2⁵³', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 }),
      fc.nat(39),
      fc.array(fc.bigInt({ min: 0n, max: 2n ** 70n }), { maxLength: 3 }),
      (first, second, rest) => {
        const text = [first, second, ...rest].join('.')
        expect(readOid(only(der.oid(text)))).toBe(text)
      },
    ),
  )
  expect(readOid(only(der.oid('2.999.1')))).toBe('2.999.1')
})

test.each([
  [TAG.UTC_TIME, '500101000000Z', '1950-01-01T00:00:00.000Z'],
  [TAG.UTC_TIME, '491231235959Z', '2049-12-31T23:59:59.000Z'],
  [TAG.GENERALIZED_TIME, '20240229120000Z', '2024-02-29T12:00:00.000Z'],
  [TAG.GENERALIZED_TIME, '20260101000000.123456789Z', '2026-01-01T00:00:00.123Z'],
  [TAG.GENERALIZED_TIME, '00010101000000Z', '0001-01-01T00:00:00.000Z'],
])('tag %i, %s is %s', (tag, text, iso) => {
  expect(readTime(only(der.text(tag, text)), 'time').toISOString()).toBe(iso)
})

test.each([
  '20230229000000Z',
  '20261301000000Z',
  '20260101240000Z',
  '20260101006000Z',
  '20260101000060Z',
  '20260000000000Z',
])('%s is not in the calendar', (text) => {
  expect(() => readTime(only(der.text(TAG.GENERALIZED_TIME, text)), 'time')).toThrow(
    expect.objectContaining({ code: 'CERTIFICATE_MALFORMED' }),
  )
})

test('decodes every string type', () => {
  expect(readText(only(der.utf8('Ä😀')))).toBe('Ä😀')
  expect(readText(only(der.element(TAG.BMP_STRING, Uint8Array.of(0, 0xc4))))).toBe('Ä')
  expect(readText(only(der.element(TAG.BMP_STRING, Uint8Array.of(0xd8, 0))))).toBeUndefined()
  expect(readText(only(der.element(TAG.T61_STRING, Uint8Array.of(0xc4))))).toBe('Ä')
  expect(readText(only(der.integer(1)))).toBeUndefined()
})
