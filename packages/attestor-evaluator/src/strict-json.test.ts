import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AttestorError } from './attestor-error.ts'
import { isJsonObject, ownMember, parseStrictJson } from './strict-json.ts'

const parse = (document: Uint8Array | string): unknown =>
  parseStrictJson(document, 'the document', 'ATTESTOR_PAYLOAD_INVALID')

test('reads JSON, and nothing more into it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value)
      fc.pre(!/"__proto__"/.test(text) && !/\d{16}/.test(text) && distinctAtTheTop(value))
      expect(parse(text)).toEqual(JSON.parse(text))
      expect(parse(Buffer.from(text))).toEqual(JSON.parse(text))
    }),
  )
})

test('keeps integers that a double holds, and fractions as every reader takes them', () => {
  expect(parse('[9007199254740991, 1152921504606846976, -9007199254740992, 0.1, 1e21, 12345678901234567.5]')).toEqual([
    9007199254740991, 1152921504606846976, -9007199254740992, 0.1, 1e21, 12345678901234567.5,
  ])
})

test('lets keys differ in case below the top', () => {
  expect(parse('{"a":{"b":1,"B":2}}')).toEqual({ a: { b: 1, B: 2 } })
})

describe('refuses', () => {
  test.each([
    ['a byte order mark', '\ufeff{}'],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['two documents', '{}{}'],
    ['nothing', ''],
    ['a key twice', '{"a":1,"a":1}'],
    ['a key twice, once in escapes', '{"a":1,"\\u0061":2}'],
    ['a key twice, deep inside', '[{"x":[{"a":1,"b":{},"a":2}]}]'],
    ['a key twice in other letters, at the top', '{"Subject":1,"subject":2}'],
    ['an integer that no double holds', '{"a":9007199254740993}'],
    ['a negative one', '[-9007199254740993]'],
    ['an integer of a million digits', `[${'9'.repeat(1_000_000)}]`],
    ['201 levels', `${'['.repeat(201)}${']'.repeat(201)}`],
    ['100 000 levels', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ])('%s', (_what, document) => {
    const start = performance.now()
    expect(() => parse(document)).toThrow(expect.objectContaining({ code: 'ATTESTOR_PAYLOAD_INVALID' }))
    expect(performance.now() - start).toBeLessThan(250)
  })
})

test('throws nothing but its own error', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.uint8Array(), fc.stringMatching(/^[[\]{}:,"\\0-9eE+.-]{0,30}$/)),
      (document) => {
        try {
          parse(document)
        } catch (error) {
          expect(error).toBeInstanceOf(AttestorError)
        }
      },
    ),
  )
})

test('finds members by their own name only', () => {
  expect(ownMember(JSON.parse('{"__proto__":1}') as never, '__proto__')).toBe(1)
  for (const value of [{}, [], null, 'x', undefined]) expect(ownMember(value, 'constructor')).toBeUndefined()
  expect([{}, [], null, 'x', undefined].map(isJsonObject)).toEqual([true, false, false, false, false])
})

function distinctAtTheTop(value: unknown): boolean {
  const keys =
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.keys(value).map((key) => key.toLowerCase())
      : []
  return new Set(keys).size === keys.length
}
