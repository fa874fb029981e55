import { expect, test } from 'vitest'
import { openDer } from './der/cursor.ts'
import { TAG } from './der/tag.ts'
import { hasDefinedStringType, readDistinguishedName } from './distinguished-name.ts'
import type { DistinguishedName } from './distinguished-name.ts'
import { der } from '@verify-images/testing/internal'

const attribute = (oid: string, value: Uint8Array): Uint8Array => der.sequence(der.oid(oid), value)
const CN = '2.5.4.3'
const read = (...sets: readonly Uint8Array[]): DistinguishedName =>
  readDistinguishedName(openDer(der.sequence(...sets), 'name').next('name'), 'name')
const cn = (value: string): string => read(der.set(attribute(CN, der.utf8(value)))).text

test('prints the most specific part first', () => {
  const name = read(
    der.set(attribute('2.5.4.6', der.printable('US'))),
    der.set(attribute('2.5.4.10', der.utf8('acme')), attribute('2.5.4.11', der.utf8('ops'))),
    der.set(attribute(CN, der.utf8('signer'))),
  )
  expect(name.text).toBe('CN=signer,O=acme+OU=ops,C=US')
  expect(name.commonName).toBe('signer')
  expect(name.parts.map((part) => part.map(({ name: short, value }) => `${short}=${value}`))).toEqual([
    ['C=US'],
    ['O=acme', 'OU=ops'],
    ['CN=signer'],
  ])
})

test.each([
  ['a,b', 'CN=a\\,b'],
  ['a+b"c\\d<e>f;g', 'CN=a\\+b\\"c\\\\d\\<e\\>f\\;g'],
  [' a b ', 'CN=\\ a b\\ '],
  ['#a#', 'CN=\\#a#'],
  ['a=b', 'CN=a=b'],
  ['', 'CN='],
])('escapes %j', (value, text) => {
  expect(cn(value)).toBe(text)
})

test('prints attributes without a short name by their DER', () => {
  expect(read(der.set(attribute('1.2.840.113549.1.9.1', der.ia5('a@b')))).text).toBe('1.2.840.113549.1.9.1=#1603614062')
})

test('reads an empty name', () => {
  expect(read()).toMatchObject({ text: '', parts: [] })
})

test.each([
  ['2.5.4.10', TAG.UTF8_STRING, true],
  ['2.5.4.10', TAG.PRINTABLE_STRING, true],
  ['2.5.4.10', TAG.BMP_STRING, true],
  ['2.5.4.10', TAG.T61_STRING, false],
  ['2.5.4.10', TAG.IA5_STRING, false],
  ['2.5.4.6', TAG.PRINTABLE_STRING, true],
  ['2.5.4.6', TAG.UTF8_STRING, false],
  ['2.5.4.5', TAG.PRINTABLE_STRING, true],
  ['2.5.4.5', TAG.UTF8_STRING, false],
  ['1.2.840.113549.1.9.1', TAG.IA5_STRING, false],
])('attribute %s with string type %i: defined is %s', (oid, tag, defined) => {
  const [[found] = []] = read(der.set(attribute(oid, der.text(tag, 'DE')))).parts
  expect(found && hasDefinedStringType(found)).toBe(defined)
})
