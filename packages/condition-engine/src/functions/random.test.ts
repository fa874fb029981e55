import fc from 'fast-check'
import { expect, test } from 'vitest'
import { search } from '../expression/search.ts'

test.each([
  ['abc', 'abc'],
  ['a{3}', 'aaa'],
  ['^x$', 'x'],
  ['[a]b\\.', 'ab.'],
  ['(ab){2}', 'abab'],
  ['\\x41\\n', 'A\n'],
  ['a{', 'a{'],
])('%j leaves no choice: %j', (pattern, expected) => {
  expect(search('random(@)', pattern)).toBe(expected)
})

test('what is random is handed in', () => {
  expect(() => search("random('[ab]')", null)).toThrow(
    expect.objectContaining({ kind: 'value', message: 'no source of randomness was given' }),
  )
  expect(search("random('[0-9]{4}-(x|y)z?')", null, { random: () => 0 })).toBe('0000-x')
  expect(search("random('[0-9]{4}-(x|y)z?')", null, { random: () => 0.999 })).toBe('9999-yz')
  expect(search("random('[ab]')", null, { random: () => 1 })).toBe('b')
})

test.each([
  ['', 'no pattern provided'],
  ['[', 'error parsing regexp: missing closing ]: `[`'],
  ['(', 'error parsing regexp: missing closing ): `(`'],
  [')', 'error parsing regexp: unexpected ): `)`'],
  ['*', 'error parsing regexp: missing argument to repetition operator: `*`'],
  ['(?:a)', 'error parsing regexp: missing argument to repetition operator: `?`'],
  ['\\d', 'error parsing regexp: invalid escape sequence: `\\d`'],
  ['[z-a]', 'error parsing regexp: invalid character class range: `z-a`'],
  ['a{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
  ['a{2,1}', 'error parsing regexp: invalid repeat count: `{2,1}`'],
  ['\\', 'error parsing regexp: trailing backslash at end of expression: ``'],
])('%j: %s', (pattern, message) => {
  expect(() => search('random(@)', pattern)).toThrow(expect.objectContaining({ kind: 'value', message }))
})

test.each(['((a{1000}){1000}){1000}', `${'('.repeat(150)}a${')'.repeat(150)}{1000}{1000}`])(
  '%j is too much',
  (pattern) => {
    expect(() => search('random(@)', pattern)).toThrow(expect.objectContaining({ code: 'CONDITION_LIMIT_EXCEEDED' }))
  },
)

test('the result matches the pattern', () => {
  const patterns = fc
    .array(fc.constantFrom('a', '[0-9]', '[^a-z]', '(b|cc)', '.', '[[:upper:]_]', 'x{2,4}', 'y?', '\\.'), {
      maxLength: 6,
    })
    .map((parts) => `^${parts.join('')}$`)
  fc.assert(
    fc.property(patterns, fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), (pattern, stream) => {
      const random = (): number => stream.next().value ?? 0
      expect(search('regex_match(@, random(@))', pattern, { random })).toBe(true)
    }),
  )
})
