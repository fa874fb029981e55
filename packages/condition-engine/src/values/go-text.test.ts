import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatGoFloat, parseGoFloat, parseGoInteger } from '@verify-images/primitives'
import { compareStrings } from './compare-strings.ts'
import { goJson } from './go-json.ts'
import { deepEqual, goText, literalValue } from './go-value.ts'

test.each([
  [1, '1'],
  [-0, '-0'],
  [1.5, '1.5'],
  [100_000, '100000'],
  [1e6, '1e+06'],
  [123_456_789, '1.23456789e+08'],
  [0.0001, '0.0001'],
  [1e-5, '1e-05'],
  [1e21, '1e+21'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [Number.NaN, 'NaN'],
])('Go prints %d as %s', (number, text) => {
  expect(formatGoFloat(number)).toBe(text)
})

test.each([
  ['1', 1],
  ['+.5e+1', 5],
  ['5.', 5],
  ['1_000', 1000],
  ['0x1p-2', 0.25],
  ['0x_1p4', 16],
  ['inf', Infinity],
  ['-Infinity', -Infinity],
  ['nan', Number.NaN],
  ['1e-400', 0],
])('parses %s as the float %d', (text, number) => {
  expect(parseGoFloat(text)).toBe(number)
})

test.each([
  '',
  '.',
  '1e400',
  '1__0',
  '_1',
  '1_',
  '1_.5',
  '1e_5',
  '0x1',
  '0x1_p2',
  '+nan',
  'infi',
  '0b1',
  '1 ',
  ' 1',
  '1,5',
])('%j is not a float', (text) => {
  expect(parseGoFloat(text)).toBeUndefined()
})

test('a printed number parses as the same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (number) => {
      expect(parseGoFloat(formatGoFloat(number))).toBe(number)
    }),
  )
})

test('parses decimal integers of 64 bits', () => {
  expect(['1', '+1', '-9223372036854775808', '9223372036854775807'].map(parseGoInteger)).toEqual([
    1n,
    1n,
    -(2n ** 63n),
    2n ** 63n - 1n,
  ])
  expect([`-${'0'.repeat(100)}7`, '-0', '+000'].map(parseGoInteger)).toEqual([-7n, 0n, 0n])
  expect(['', '1.0', '0x1', '1_0', '9223372036854775808', '1'.repeat(100)].map(parseGoInteger)).toEqual(
    Array(6).fill(undefined),
  )
})

test('keeps a whole number of a policy as an integer exactly if it fits an int64', () => {
  const [least, above] = [-(2 ** 63), 2 ** 63]
  expect(literalValue([least, above, -(2 ** 63) - 2048, 2 ** 63 - 1024])).toEqual([
    BigInt(least),
    above,
    -(2 ** 63) - 2048,
    BigInt(2 ** 63 - 1024),
  ])
})

test('prints JSON with sorted keys and escaped for HTML', () => {
  expect(goJson({ b: '<&>', a: [1, 2.5, 1e-7, 1e21, null, true] })).toBe(
    '{"a":[1,2.5,1e-7,1e+21,null,true],"b":"\\u003c\\u0026\\u003e"}',
  )
  expect(goJson('\b\f\n\u0001\u2028\u007f"\\')).toBe('"\\b\\f\\n\\u0001\\u2028\u007f\\"\\\\"')
  expect(goJson('\ud800')).toBe('"\ufffd"')
})

test('prints exponents and two escapes as jsoniter does if asked', () => {
  expect(goJson([1e-7, '\b\f'], { exponentDigits: 2 })).toBe('[1e-07,"\\u0008\\u000c"]')
})

test('prints JSON that parses as the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(goJson(literalValue(JSON.parse(JSON.stringify(value)))))).toEqual(
        JSON.parse(JSON.stringify(value)),
      )
    }),
  )
})

test('orders strings by their UTF-8 bytes', () => {
  expect(['\u{1f600}', '\uffff', 'a', '', 'ab'].sort(compareStrings)).toEqual(['', 'a', 'ab', '\uffff', '\u{1f600}'])
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (left, right) => {
      expect(Math.sign(compareStrings(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)))
    }),
  )
})

test('keeps integers inside literals apart from floats', () => {
  const literal = literalValue({ a: [1, 1.5, 1_000_000] })
  expect(goText(literal)).toBe('map[a:[1 1.5 1000000]]')
  expect(goText([1_000_000, null, 'x'])).toBe('[1e+06 <nil> x]')
  expect(deepEqual(literal, { a: [1, 1.5, 1_000_000] }, false)).toBe(false)
  expect(deepEqual(literal, { a: [1, 1.5, 1_000_000] }, true)).toBe(true)
  expect(literalValue(1)).toBe(1)
})

test('values treat names of the prototype as ordinary keys', () => {
  const value = literalValue(JSON.parse('{"__proto__":{"verified":true}}'))
  expect(goJson(value)).toBe('{"__proto__":{"verified":true}}')
  expect(deepEqual({}, value, false)).toBe(false)
  expect(deepEqual(literalValue({ a: 1 }), literalValue({ constructor: 1 }), false)).toBe(false)
  expect(Object.hasOwn(Object.prototype, 'verified')).toBe(false)
})
