import fc from 'fast-check'
import { expect, test } from 'vitest'
import { search } from '../expression/search.ts'
import { bytesOfText, textOfBytes } from './byte-text.ts'

test.each<[string, unknown]>([
  ["base64_encode('é')", 'w6k='],
  ["base64_decode('w6k=')", 'é'],
  ["base64_decode('SGVs\nbG8=')", 'Hello'],
  // Bytes that are no text stay bytes inside an evaluation, and leave it as U+FFFD.
  ["base64_decode('/w==')", '\ufffd'],
  ["base64_encode(base64_decode('/w=='))", '/w=='],
  ["length(base64_decode('/+8='))", 2],
  ["{a: split(base64_decode('/2E='), '')}", { a: ['\ufffd', 'a'] }],
  ["sha256('')", 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ["sha1('abc')", 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ["md5('abc')", '900150983cd24fb0d6963f7d28e17f72'],
  ["sha256(base64_decode('/w=='))", 'a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89'],
  ['parse_json(\'{"a": [1, null]}\')', { a: [1, null] }],
  ['parse_json(\'"\\ud800"\')', '\ufffd'],
  ['parse_json(\'{"__proto__": 1}\') | keys(@)', ['__proto__']],
])('evaluates %s', (expression, expected) => {
  expect(search(expression, {})).toEqual(expected)
})

test.each([
  "base64_decode('SGVs bG8=')",
  "base64_decode('SGVsbG8')",
  "base64_decode('_-8=')",
  "base64_decode('aGk=aGk=')",
  "base64_decode('=')",
  "parse_json('{a:1}')",
  "parse_json('1e400')",
  "parse_json('')",
])('%s fails', (expression) => {
  expect(() => search(expression, null)).toThrow(expect.objectContaining({ kind: 'value' }))
})

test.each<[string, unknown]>([
  ['a: [1, 2]\nb: {c: x}', { a: [1, 2], b: { c: 'x' } }],
  ['', null],
  ['# nothing', null],
  ['a: yes\nb: off\nc: y\nd: ~\ne: "yes"', { a: true, b: false, c: true, d: null, e: 'yes' }],
  ['[0x1F, 010, 0o10, 0b11, 1_000, 1e3, -0, 18446744073709551616]', [31, 8, 8, 3, 1000, 1000, 0, 18446744073709552000]],
  ['[2020-01-01, 12:30, .5, 1., +1, 1.2.3]', ['2020-01-01', '12:30', 0.5, 1, 1, '1.2.3']],
  [
    '{1: a, true: b, 1.5: c, 1e3: d, 1e6: e, 1000000: f, .inf: g, 0x10: h}',
    { 1: 'a', true: 'b', 1.5: 'c', 1000: 'd', '1e+06': 'e', 1000000: 'f', '.inf': 'g', 16: 'h' },
  ],
  ['a: 1\na: 2', { a: 2 }],
  ['a: 1\n---\nb: 2', { a: 1 }],
  // What comes after the first document is not read.
  ['# x\n---\na: 1\n...\n[', { a: 1 }],
  ['---\n---\na: 1', null],
  [
    'a: &x {k: 1}\nb: {<<: *x, l: 2}\nc: {<<: [*x], k: 3}\nd: {k: 3, <<: *x}',
    { a: { k: 1 }, b: { k: 1, l: 2 }, c: { k: 3 }, d: { k: 1 } },
  ],
  [
    '[!!str 1, !!binary aGk=, !x y, !!int "3", ! "1", !!float 3, !!timestamp 2020-01-01]',
    ['1', 'hi', 'y', 3, '1', 3, '2020-01-01'],
  ],
  ['a: |\n  x\n  y\n', { a: 'x\ny\n' }],
  ['\uFEFFa: 1', { a: 1 }],
  ['.5_1', 0.51],
  ['._5', '._5'],
  ['# c', null],
  ['\n  ...', '...'],
])('parse_yaml parses %j', (text, expected) => {
  expect(search('parse_yaml(@)', text)).toEqual(expected)
})

test.each([
  '[a, b',
  '*x',
  'a: .inf',
  'null: c',
  '[]: c',
  '%YAML 1.2\n---\na: 1',
  '!!int x',
  '!!int 1.0',
  '!!binary x',
  '&a [*a]',
  '<<: 1',
  '\tx: 1',
  '\t',
  '# c\n \t~',
  '...\n1',
  '"\\ud800"',
])('parse_yaml rejects %j', (text) => {
  expect(() => search('parse_yaml(@)', text)).toThrow(expect.objectContaining({ kind: 'value' }))
})

test('parse_yaml treats __proto__ as an ordinary key', () => {
  expect(search('keys(parse_yaml(@))', '__proto__: {x: 1}')).toEqual(['__proto__'])
  expect(search('keys(parse_yaml(@))', '<<: {__proto__: 1}')).toEqual(['__proto__'])
})

test('converts bytes to a string and back without a loss, and a string to bytes and back', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const { text, escaped } = textOfBytes(bytes)
      expect([...bytesOfText(text)]).toEqual([...bytes])
      expect(escaped).toBe(!text.isWellFormed())
      expect(text.toWellFormed().length >= Buffer.from(bytes).toString().length).toBe(true)
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(textOfBytes(bytesOfText(text)).text).toBe(text)
    }),
  )
})
