import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isPlainString, readInteger, readPlainScalar, readTaggedScalar, scalarKey } from './scalar.ts'

// Recorded from sigs.k8s.io/yaml v1.6.0 where not marked otherwise.

test.each([
  ['yes', true],
  ['Y', true],
  ['on', true],
  ['no', false],
  ['n', false],
  ['OFF', false],
  ['~', null],
  ['', null],
  ['Null', null],
  ['tRue', 'tRue'],
  ['yEs', 'yEs'],
])('reads the word %j as %j', (text, expected) => {
  expect(readPlainScalar(text)).toBe(expected)
})

test.each([
  ['0x2', 2],
  ['0X1f', 31],
  ['0b101', 5],
  ['0b-1', -1],
  ['0b+1', 1],
  ['0o17', 15],
  ['017', 15],
  ['0_7', 7],
  ['08', 8],
  ['1_000', 1000],
  ['1__0', 10],
  ['-_1', -1],
  ['-5', -5],
  ['+7', 7],
  ['-0', 0],
  ['-0.0', -0],
  ['1e3', 1000],
  ['.5', 0.5],
  ['.1_0', 0.1],
  ['5.', 5],
  ['+.5', 0.5],
  ['-0x10', -16],
  ['9007199254740991', 9007199254740991],
  ['18446744073709551616', 18446744073709552000],
  ['+18446744073709551615', 18446744073709552000],
  ['.inf', Infinity],
  ['-.INF', -Infinity],
  ['.NaN', Number.NaN],
])('reads the number %j as %j', (text, expected) => {
  expect(readPlainScalar(text)).toBe(expected)
})

test.each([
  '2001-01-01',
  '1:30',
  '0x',
  '1e',
  '.',
  '+',
  '._1',
  '.1_',
  '1.2.3',
  '0b2',
  '-0b-1',
  '0B-1',
  '0o-7',
  '+0xffffffffffffffff',
  '0x1ffffffffffffffff',
  'x1',
  '1e400',
  '<<',
  'v1',
  '0xg',
  '_1',
])('leaves %j a string', (text) => {
  expect(readPlainScalar(text)).toBe(text)
})

test('knows the exact value of integers of 64 bits, and of nothing else', () => {
  expect(readInteger('18446744073709551615')).toBe(18446744073709551615n)
  expect(readInteger('-0x8000000000000000')).toBe(-9223372036854775808n)
  for (const text of ['18446744073709551616', '-9223372036854775809', '1.0', '1e3', '', 'x', '9'.repeat(100_000)])
    expect(readInteger(text)).toBeUndefined()
})

test.each([
  ['str', 'yes', 'yes'],
  ['int', '3', 3],
  ['int', '1.0', undefined],
  ['int', 'x', undefined],
  ['float', '1', 1],
  ['float', 'x', undefined],
  ['bool', 'yes', true],
  ['bool', '1', undefined],
  ['null', '', null],
  ['null', 'x', undefined],
  ['timestamp', '2020-01-01', '2020-01-01'],
  ['timestamp', '2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z'],
  ['timestamp', '2020-01-01 1:2:3', '2020-01-01 1:2:3'],
  ['timestamp', '2020-01-01T00:00:00', undefined],
  ['timestamp', '2020-01-01 1:2:3Z', undefined],
  ['timestamp', '2020-13-45', undefined],
  ['timestamp', '2023-02-29', undefined],
] as const)('reads !!%s %j as %j', (tag, text, expected) => {
  expect(readTaggedScalar(tag, text)).toBe(expected)
})

test.each([
  ['a', 'a'],
  ['true', 'true'],
  ['0x10', '16'],
  ['1.5', '1.5'],
  ['0.1', '0.1'],
  ['16777217.0', '1.6777216e+07'],
  ['1e21', '1e+21'],
  ['0.00001', '1e-05'],
  ['123456.5', '123456.5'],
  ['1234567.5', '1.2345675e+06'],
  ['.inf', '.inf'],
  ['-.inf', '-.inf'],
  ['.nan', '.nan'],
  ['null', undefined],
  ['18446744073709551615', undefined],
])('the key %s becomes %j', (text, expected) => {
  expect(scalarKey(readPlainScalar(text), text)).toBe(expected)
})

test('what go-yaml writes without quotes is a string to every reader', () => {
  for (const text of ['a', '_1', 'v1', '1.2.3', '2020-13-45', '0x', '.1_'])
    expect([text, isPlainString(text)]).toEqual([text, true])
  // Only readers of YAML 1.1 and go-yaml 3 read the last five as something else.
  for (const text of ['', 'y', '~', '1', '.5', '0b-1', '0o-7', '1:30', '1:30.5', '2020-01-01', '2020-01-01T00:00:00Z'])
    expect([text, isPlainString(text)]).toEqual([text, false])
})

test('reads a random string as itself or as a value of the table', () => {
  const unit = fc.constantFrom('0', '1', '7', '9', '_', '.', '-', '+', 'e', 'x', 'b', 'o', ':')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
      const value = readPlainScalar(text)
      if (typeof value === 'string') expect(value).toBe(text)
      else expect(isPlainString(text)).toBe(false)
      const integer = readInteger(text)
      if (integer !== undefined) expect(value).toBe(Number(integer))
    }),
    { numRuns: 5_000 },
  )
})

test('reads a scalar of 200 000 characters as a string, without backtracking', () => {
  for (const unit of ['9', '_', '1_', '.1', '1:'])
    expect(readPlainScalar(unit.repeat(200_000))).toBe(unit.repeat(200_000))
})
