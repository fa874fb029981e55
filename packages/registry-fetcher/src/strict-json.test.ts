import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseStrictJson } from './strict-json.ts'

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text))

test.each([
  ['the same key twice', '{"a":{"b":1,"b":2}}'],
  ['the same key in escapes', String.raw`{"a":{"b":1,"\u0062":2}}`],
  ['top-level keys that differ in case only', '{"layers":[],"Layers":[]}'],
  ['a key with half a surrogate pair', String.raw`{"\ud800":1}`],
  ['a byte order mark', '\ufeff{}'],
  ['two documents', '{}{}'],
  ['nothing', ''],
  ['deep nesting', '['.repeat(65) + ']'.repeat(65)],
  ['very deep nesting', '['.repeat(100_000)],
])('refuses %s', (_, text) => {
  expect(() => parse(text)).toThrow(SyntaxError)
})

test('refuses bytes that are not UTF-8', () => {
  expect(() => parseStrictJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('not UTF-8')
})

test('takes what looks like trouble and is none', () => {
  expect(parse('{"a":{"b":1},"c":{"b":1,"B":2}}')).toEqual({ a: { b: 1 }, c: { b: 1, B: 2 } })
  expect(parse('["a","a","{","}"]')).toEqual(['a', 'a', '{', '}'])
  expect(parse(String.raw`{"a\"":"b\\","c":"{\"a\":1,\"a\":2}"}`)).toEqual({ 'a"': 'b\\', c: '{"a":1,"a":2}' })
  expect(parse('['.repeat(64) + ']'.repeat(64))).toBeDefined()
})

test('leaves prototypes alone', () => {
  const value = parse('{"__proto__":{"polluted":true},"constructor":1}')
  expect(Object.keys(Object(value))).toEqual(['__proto__', 'constructor'])
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('reads every document that JSON writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const document = { value }
      const text = JSON.stringify(document)
      try {
        expect(parse(text)).toEqual(JSON.parse(text))
      } catch (error) {
        // Only a key that is not Unicode is a reason not to.
        expect(String(error)).toContain('a key that is not Unicode')
      }
    }),
  )
})
