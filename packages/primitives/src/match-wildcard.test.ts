import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hasWildcard, matchWildcard } from './match-wildcard.ts'

test.each([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['?', '', false],
  ['?', '日', true],
  ['?', '😀', true],
  ['ghcr.io/acme/*', 'ghcr.io/acme/a/b:1', true],
  ['ghcr.io/acme/*', 'ghcr.io/acme-evil/a', false],
  ['a*b?d', 'axxbbcd', true],
  ['a.c', 'abc', false],
  ['A', 'a', false],
  ['**a**', 'a', true],
  ['*a', 'ab', false],
])('%j on %j is %s', (pattern, text, expected) => {
  expect(matchWildcard(pattern, text)).toBe(expected)
})

test('agrees with a regular expression on every short pattern and text', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 8 })
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*', '?'), maxLength: 8 })
  fc.assert(
    fc.property(patterns, letters, (pattern, text) => {
      const expression = new RegExp(
        `^${pattern.replace(/[.*?/]/g, (c) => ({ '*': '.*', '?': '.' })[c] ?? `\\${c}`)}$`,
        'su',
      )
      expect(matchWildcard(pattern, text)).toBe(expression.test(text))
    }),
    { numRuns: 2_000 },
  )
})

test('is linear where a backtracking matcher needs longer than the universe', () => {
  expect(matchWildcard(`${'a*'.repeat(60)}b`, 'a'.repeat(10_000))).toBe(false)
})

test('a value that is not a string matches no pattern', () => {
  for (const other of [undefined, null, 5, ['a'], {}] as never[]) {
    expect([matchWildcard(other, 'a'), matchWildcard('*', other), hasWildcard(other)]).toEqual([false, false, false])
  }
})

test('hasWildcard finds `*` and `?` and nothing else', () => {
  expect(['a', 'a*', '?'].map(hasWildcard)).toEqual([false, true, true])
})
