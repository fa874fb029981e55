import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from './json.ts'
import { foldKey, hasFoldedTwins, parseStrictJson } from './strict-json.ts'

const exact = (document: Uint8Array | string): Json => parseStrictJson(document, { exactIntegers: true })

test('reads every document as JSON.parse does, from bytes and from text', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value)
      fc.pre(!/\d{16}/.test(text) && isUnambiguous(value, 0))
      expect(exact(text)).toEqual(JSON.parse(text))
      expect(exact(Buffer.from(text))).toEqual(JSON.parse(text))
      expect(parseStrictJson(text)).toEqual(JSON.parse(text))
    }),
  )
})

test('reads text that only looks like a repeated key', () => {
  expect(parseStrictJson('{"a":{"b":1},"c":{"b":1,"B":2}}')).toEqual({ a: { b: 1 }, c: { b: 1, B: 2 } })
  expect(parseStrictJson('["a","a","{","}"]')).toEqual(['a', 'a', '{', '}'])
  expect(parseStrictJson(String.raw`{"a\"":"b\\","c":"{\"a\":1,\"a\":2}"}`)).toEqual({
    'a"': 'b\\',
    c: '{"a":1,"a":2}',
  })
})

test.each([
  ['a byte order mark', '\ufeff{}', 'not JSON'],
  ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'not UTF-8'],
  ['overlong UTF-8', Uint8Array.of(0x22, 0xc0, 0xaf, 0x22), 'not UTF-8'],
  ['a surrogate in UTF-8', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'not UTF-8'],
  ['two documents', '{}{}', 'not JSON'],
  ['an empty document', '', 'not JSON'],
  ['a comment', '{}//', 'not JSON'],
  ['NaN', '[NaN]', 'not JSON'],
  ['a number beyond every double', '{"a":1e400}', 'a number that is too large for a double'],
  ['a negative one, deep inside', '[{"a":[-1e309]}]', 'a number that is too large for a double'],
  ['an integer beyond every double', `[${'9'.repeat(1_000_000)}]`, 'a number that is too large for a double'],
  ['a repeated key', '{"a":1,"a":1}', 'the same key twice in one object'],
  ['a repeated key, once escaped', String.raw`{"a":1,"\u0061":2}`, 'the same key twice in one object'],
  ['a repeated key deep inside', '[{"x":[{"a":1,"b":{},"a":2}]}]', 'the same key twice in one object'],
  ['a repeated __proto__', '{"__proto__":1,"__proto__":2}', 'the same key twice in one object'],
  ['top-level keys that differ in case only', '{"Subject":1,"subject":2}', 'the same key twice in one object'],
  ['a top-level key with a long s', '{"layers":1,"layer\u017f":2}', 'the same key twice in one object'],
  ['a top-level key with a Kelvin sign', '{"key":1,"\u212aey":2}', 'the same key twice in one object'],
  ['a key with a lone high surrogate', String.raw`{"\ud800":1}`, 'a key with a lone surrogate'],
  ['a key with a lone low surrogate, deep inside', String.raw`[{"a":{"b\udc00":1}}]`, 'a key with a lone surrogate'],
  ['201 levels', `${'['.repeat(201)}${']'.repeat(201)}`, 'nested deeper than 200 levels'],
  ['100 000 levels', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'nested deeper than 200 levels'],
  ['100 000 levels that are never closed', '['.repeat(100_000), 'nested deeper than 200 levels'],
])('refuses %s', (_, document, reason) => {
  expect(() => parseStrictJson(document)).toThrow(new SyntaxError(reason))
})

test('reads 200 levels, and surrogate pairs in keys', () => {
  expect(() => parseStrictJson(`${'['.repeat(200)}${']'.repeat(200)}`)).not.toThrow()
  expect(parseStrictJson(String.raw`{"\ud83d\ude00":1}`)).toEqual({ '😀': 1 })
})

test('reads integers that a double holds, and fractions as every reader takes them', () => {
  expect(exact('[9007199254740991, 1152921504606846976, -9007199254740992, 0.1, 1e21, 12345678901234567.5]')).toEqual([
    9007199254740991, 1152921504606846976, -9007199254740992, 0.1, 1e21, 12345678901234567.5,
  ])
})

test.each(['1.0', '1e0', '-10E-1', '[{"a":2.00}]', '1e300'])('refuses %s where integers must be plain', (text) => {
  expect(() => parseStrictJson(text, { plainIntegers: true })).toThrow(
    new SyntaxError('an integer with a fraction or an exponent'),
  )
  expect(parseStrictJson(text)).toEqual(JSON.parse(text))
})

test('reads plain integers, fractions and strings where integers must be plain', () => {
  const text = '[0, -1, 9007199254740991, 0.5, 1e-7, "1.0", {"1.0": true}]'
  expect(parseStrictJson(text, { plainIntegers: true })).toEqual(JSON.parse(text))
})

test.each([
  ['an integer that no double holds', '{"a":9007199254740993}'],
  ['a negative one', '[-9007199254740993]'],
  ['an integer of 300 digits', `[${'9'.repeat(300)}]`],
])('refuses %s only when integers must be exact', (_, document) => {
  expect(() => exact(document)).toThrow(new SyntaxError('an integer that a double cannot hold'))
  expect(() => parseStrictJson(document)).not.toThrow()
})

test('refuses an integer of a million digits as inexact when integers must be exact', () => {
  expect(() => exact(`[${'9'.repeat(1_000_000)}]`)).toThrow(new SyntaxError('an integer that a double cannot hold'))
})

test('reads the largest double', () => {
  expect(parseStrictJson('[1.7976931348623157e308, 1e-400]')).toEqual([Number.MAX_VALUE, 0])
})

test('leaves prototypes alone', () => {
  const value = parseStrictJson('{"__proto__":{"polluted":true},"constructor":1}')
  expect(Object.keys(Object(value))).toEqual(['__proto__', 'constructor'])
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
})

test('throws nothing but SyntaxError', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.uint8Array(), fc.stringMatching(/^[[\]{}:,"\\0-9eE+.-]{0,30}$/)),
      (document) => {
        try {
          exact(document)
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError)
        }
      },
    ),
  )
})

test('refuses lone surrogates in values only where that is asked for', () => {
  const texts = [String.raw`["\ud800"]`, String.raw`{"a":"\ud83d"}`, String.raw`"\ude00\ud83d"`, '"\ud800"']
  for (const text of texts) {
    expect(() => parseStrictJson(text, { wellFormedStrings: true })).toThrow('a string with a lone surrogate')
    if (text.isWellFormed()) expect(parseStrictJson(text)).toEqual(JSON.parse(text))
  }
  const pair = String.raw`["\ud83d\ude00", "\\ud800", "é"]`
  expect(parseStrictJson(pair, { wellFormedStrings: true })).toEqual(JSON.parse(pair))
})

test('folds keys as Go does', () => {
  expect(['Layers', 'LAYERS', 'layerſ', 'LAYERſ'].map(foldKey)).toEqual(['layers', 'layers', 'layers', 'layers'])
  expect([foldKey('\u212aey'), foldKey('straße')]).toEqual(['key', 'straße'])
})

test('finds keys of one object that are one field to Go', () => {
  expect(
    [
      { a: 1, A: 2 },
      { key: 1, '\u212aey': 2 },
    ].map(hasFoldedTwins),
  ).toEqual([true, true])
  expect([{ a: 1, b: { A: 1, c: 1 } }, {}, ['a', 'A'], 'aA', undefined].map(hasFoldedTwins)).toEqual([
    ...[false, false, false, false, false],
  ])
})

/** Returns whether no key is a reason to refuse the value. */
function isUnambiguous(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  const keys = Array.isArray(value) ? [] : Object.keys(value)
  const distinct = depth > 0 || new Set(keys.map(foldKey)).size === keys.length
  return (
    distinct &&
    keys.every((key) => key.isWellFormed()) &&
    Object.values(value).every((item) => isUnambiguous(item, depth + 1))
  )
}
