import { expect, test } from 'vitest'
import type { GoValue } from '../values/go-value.ts'
import { mayHoldReferences, replaceFirst } from './references.ts'
import { substitute } from './substitute.ts'
import { createQueryContext } from '../query-context.ts'

const filled = (document: Parameters<typeof substitute>[0]): GoValue => substitute(document, createQueryContext({}))
const failure = (message: RegExp): unknown =>
  expect.objectContaining({
    code: 'CONDITION_REFERENCE_UNRESOLVED',
    message: expect.stringMatching(message) as unknown,
  })

test.each([
  ['a string', { a: 'x', b: '$(/a)' }, 'x'],
  ['a relative path', { a: 'x', b: '$(./../a)' }, 'x'],
  ['a key with an anchor', { '=(a)': 'x', b: '$(/a)' }, 'x'],
  ['a number behind an operator', { a: 5, b: '$(<=/a)' }, '<=5.000000'],
  ['an object, whose last key it becomes', { a: { c: 1, d: 2 }, b: '$(/a)' }, 'd'],
  ['a path, twice in one string', { a: 'x', b: '$(/a) $(/a)' }, 'x x'],
  ['an escaped reference', { a: 'x', b: '\\$(/a)' }, '$(/a)'],
])('replaces a reference to %s', (_, document, expected) => {
  expect(filled(document)).toMatchObject({ b: expected })
})

test.each([
  ['an operator alone', { b: '$(<=)' }, /expected path, found empty reference$/],
  ['a missing path', { b: '$(/a)' }, /^got nil resolved variable/],
  ['an array', { a: ['x'], b: '$(/a)' }, /^got nil resolved variable/],
  ['a number without an operator', { a: 5, b: '$(/a)' }, /^NotResolvedReferenceErr/],
  ['a boolean behind an operator', { a: true, b: '$(<=/a)' }, /operator <= does not match with value true$/],
  ['a path behind a character of several bytes', { a: 'x', b: 'é$(/a)' }, /^got nil resolved variable/],
])('rejects a reference to %s', (_, document, message) => {
  expect(() => filled(document)).toThrow(failure(message))
})

test('a string that a reference inserts is not searched for references', () => {
  expect(filled({ a: '\\$(/c)', b: '$(/a)', c: 'secret' })).toMatchObject({
    b: expect.not.stringContaining('secret') as unknown,
  })
})

test('replaceFirst replaces one occurrence, and reads no pattern in the replacement', () => {
  expect(replaceFirst('a-a', 'a', "$&$'")).toBe("$&$'-a")
  expect(replaceFirst('b', 'a', 'x')).toBe('b')
  expect(mayHoldReferences('$ (a)')).toBe(false)
})
