import { matchWildcard } from '@verify-images/primitives'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesSomeTag } from './unknown-tag.ts'

test.each([
  ['r/app:*', true],
  ['r/app:v1*', true],
  ['r/app:v?', true],
  ['r/app*', true],
  ['r/app*v1', true],
  ['r/*:latest', true],
  ['*', true],
  ['r/app?v1', true],
  ['r/app', false],
  ['r/app:', false],
  ['r/app@*', false],
  ['r/app:-x', false],
  ['r/app:a/b', false],
  ['r/apple:*', false],
  ['r/ap:*', false],
])('%s matches a tag of r/app: %s', (pattern, expected) => {
  expect(matchesSomeTag(pattern, 'r/app', '')).toBe(expected)
})

test('a pattern for an unknown tag also matches the text after the tag', () => {
  expect(matchesSomeTag('r/app:v1@sha256:ab*', 'r/app', '@sha256:abc')).toBe(true)
  expect(matchesSomeTag('r/app:v1@sha256:ab*', 'r/app', '@sha256:cde')).toBe(false)
})

test('matching an unknown tag agrees with a brute-force search over tags', () => {
  const letters = (characters: string[], maxLength: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(...characters), maxLength })
  // A pattern over these letters that matches any tag matches one no longer than itself.
  const tags = ['a', 'b']
  for (const shorter of tags) if (shorter.length < 5) tags.push(`${shorter}a`, `${shorter}b`)
  fc.assert(
    fc.property(
      letters(['a', 'b', ':', '*', '?', '@'], 5),
      letters(['a', 'b'], 2),
      letters(['@', 'a'], 2),
      (pattern, repository, rest) => {
        expect(matchesSomeTag(pattern, repository, rest)).toBe(
          tags.some((tag) => matchWildcard(pattern, `${repository}:${tag}${rest}`)),
        )
      },
    ),
    { numRuns: 3_000 },
  )
})

test('matching an unknown tag with 500 wildcards does not backtrack', () => {
  expect(matchesSomeTag(`${'a*'.repeat(500)}b`, 'a'.repeat(255), `@${'a'.repeat(100)}`)).toBe(false)
})
