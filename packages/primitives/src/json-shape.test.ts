import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from './json.ts'
import { checkJsonShape, type JsonShape, JsonShapeScan } from './json-shape.ts'
import { parseStrictJson } from './strict-json.ts'

const count = (text: string, shape: Partial<JsonShape> = {}): number =>
  checkJsonShape(Buffer.from(text), { maxTokens: 1e9, maxDepth: 1e9, ...shape })

test.each([
  ['', 0],
  ['{}', 1],
  ['[]', 1],
  ['"a"', 1],
  ['-1.5e3', 1],
  [' [ true , null,false,12 ] ', 5],
  ['{"a":{"b":[1,2]},"c":"d"}', 9],
  [String.raw`"\"\\"`, 1],
  [String.raw`["\\","\\\"","[{"]`, 4],
  ['["never closed, [{', 2],
  [String.raw`"ends in an escape\"`, 1],
])('counts the tokens of %s', (text, tokens) => {
  expect(count(text)).toBe(tokens)
})

test('counts what is built, for every document', () => {
  const values = (value: Json): number =>
    typeof value !== 'object' || value === null
      ? 1
      : Array.isArray(value)
        ? value.reduce<number>((sum, item) => sum + values(item), 1)
        : Object.values(value).reduce<number>((sum, item) => sum + 1 + values(item), 1)
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 3), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent)
      expect(count(text)).toBe(values(JSON.parse(text) as Json))
    }),
  )
})

test('counts the same and finds the longest string, wherever the scan pauses', () => {
  const text = fc.oneof(fc.json(), fc.stringMatching(/^[\\"[\]{}:, a]{0,40}$/))
  fc.assert(
    fc.property(text, fc.array(fc.nat(40)), (document, pauses) => {
      const bytes = Buffer.from(document)
      const paused = new JsonShapeScan(bytes, { maxTokens: 1e9, maxDepth: 1e9 })
      for (const end of pauses.toSorted((a, b) => a - b)) paused.readTo(Math.min(end, bytes.length))
      paused.readTo(bytes.length)
      const whole = new JsonShapeScan(bytes, { maxTokens: 1e9, maxDepth: 1e9 })
      whole.readTo(bytes.length)
      expect([paused.tokens, paused.longest]).toEqual([whole.tokens, whole.longest])
    }),
  )
})

test('finds the longest string with its escapes', () => {
  const text = String.raw`{"a":"b\"c","long \\":[""]}`
  const scan = new JsonShapeScan(Buffer.from(text), { maxTokens: 9, maxDepth: 9 })
  scan.readTo(text.length)
  expect(text.slice(scan.longest.start, scan.longest.end)).toBe(String.raw`long \\`)
})

test('takes the last allowed token and refuses the next', () => {
  expect(count('[1,2,3]', { maxTokens: 4 })).toBe(4)
  expect(() => count('[1,2,3,4]', { maxTokens: 4 })).toThrow(new SyntaxError('more than 4 JSON tokens'))
  expect(() => count('{"a":1}', { maxTokens: 2 })).toThrow(new SyntaxError('more than 2 JSON tokens'))
})

test('takes the last allowed level and refuses the next, closed or not', () => {
  expect(count('[{"a":[]}]', { maxDepth: 3 })).toBe(4)
  expect(() => count('[{"a":[[]]}]', { maxDepth: 3 })).toThrow(new SyntaxError('nested deeper than 3 levels'))
  expect(() => count('['.repeat(1000), { maxDepth: 3 })).toThrow(new SyntaxError('nested deeper than 3 levels'))
})

test('ends the scan at the first token too many', () => {
  const document = Buffer.from('[0,0,0,0')
  let last = 0
  const watched = new Proxy(document, {
    get: (target, key) => {
      if (typeof key === 'string' && /^\d+$/.test(key)) last = Number(key)
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  expect(() => checkJsonShape(watched, { maxTokens: 2, maxDepth: 9 })).toThrow(SyntaxError)
  expect(last).toBe(3)
})

test.each([
  ['escaped quotes', '"' + String.raw`\"`.repeat(500_000) + '"', 1],
  ['backslashes', '"' + '\\'.repeat(1_000_000) + '"', 1],
  ['one long number', '9'.repeat(1_000_000), 1],
])('counts a document of %s', (_, text, tokens) => {
  expect(count(text)).toBe(tokens)
})

test('a document of too many tokens is refused before anything is built', () => {
  expect(() => parseStrictJson(Buffer.from(`[${'{},'.repeat(1_000_000)}{}]`))).toThrow(
    new SyntaxError('more than 100000 JSON tokens'),
  )
  // Not JSON at all: the parser would say so, if it were asked.
  expect(() => parseStrictJson('['.repeat(100_000))).toThrow(new SyntaxError('nested deeper than 200 levels'))
  expect(() => parseStrictJson('[1,2]', { maxTokens: 2 })).toThrow(new SyntaxError('more than 2 JSON tokens'))
  expect(parseStrictJson('[1,2]', { maxTokens: 3 })).toEqual([1, 2])
})
