import fc from 'fast-check'
import { expect, test } from 'vitest'
import { equalBytes } from './bytes.ts'
import { printableText, trimEnd } from './printable-text.ts'

test.each([
  ['line breaks', 'a\r\nb', 'a b'],
  ['other line separators', 'a\u2028b\u2029c\u0085d', 'a b c d'],
  ['escape sequences', 'a\u001b[31mb', 'a [31mb'],
  ['signs that turn the direction', 'a\u202eb\u2066c', 'a b c'],
  ['signs without width', 'a\u200b\ufeffb', 'a b'],
  ['lone surrogates', 'a\ud800b', 'a b'],
  ['tags', 'a\u{e0041}b', 'a b'],
])('replaces %s by a space', (_, text, expected) => {
  expect(printableText(text, 100)).toBe(expected)
})

test('keeps letters of every script, and cuts what is too long', () => {
  expect(printableText('Ünï çødé 名前 😀', 100)).toBe('Ünï çødé 名前 😀')
  expect(printableText('abcdef', 6)).toBe('abcdef')
  expect(printableText('abcdefg', 6)).toBe('abcdef…')
})

test('returns one bounded line for a random string', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: 20 }), (text, maxLength) => {
      const shown = printableText(text, maxLength)
      expect(shown.length).toBeLessThanOrEqual(maxLength + 1)
      for (const char of '\n\r\u2028\u2029\u0085\u001b\u202e') expect(shown).not.toContain(char)
    }),
  )
})

test('compares bytes by content and length', () => {
  expect(equalBytes(Uint8Array.of(1, 2), Buffer.from([1, 2]))).toBe(true)
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false)
  expect(equalBytes(new Uint8Array(), new Uint8Array())).toBe(true)
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (left, right) => {
      expect(equalBytes(left, right)).toBe(left.length === right.length && left.every((byte, i) => byte === right[i]))
    }),
  )
})

test('trims exactly the trailing run of one character', () => {
  expect(['', '=', 'a==', '=a', 'a=b==='].map((text) => trimEnd(text, '='))).toEqual(['', '', 'a', '=a', 'a=b'])
})
