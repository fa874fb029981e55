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
])('generates the only string that %j matches: %j', (pattern, expected) => {
  expect(search('random(@)', pattern)).toBe(expected)
})

test('random() draws from the option `random`, and fails without it', () => {
  expect(() => search("random('[ab]')", null)).toThrow(
    expect.objectContaining({ kind: 'value', message: 'random() needs the option `random`' }),
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
  ['(?:a)', 'error parsing regexp: invalid escape sequence: `(?`'],
  ['a{1000}{1000}', 'error parsing regexp: invalid nested repetition operator: `{1000}{1000}`'],
  ['\\d', 'error parsing regexp: invalid escape sequence: `\\d`'],
  ['[z-a]', 'error parsing regexp: invalid character class range: `z-a`'],
  ['a{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
  ['a{2,1}', 'error parsing regexp: invalid repeat count: `{2,1}`'],
  ['\\', 'error parsing regexp: trailing backslash at end of expression'],
])('random() rejects %j with the message %s', (pattern, message) => {
  expect(() => search('random(@)', pattern)).toThrow(expect.objectContaining({ kind: 'value', message }))
})

test('random() rejects a result that is too long and patterns that nest too deep', () => {
  const tooMuch = (pattern: string, options: object = {}): void =>
    expect(() => search('random(@)', pattern, options)).toThrow(
      expect.objectContaining({ code: 'CONDITION_LIMIT_EXCEEDED' }),
    )
  tooMuch('a{1000}'.repeat(11))
  tooMuch('(a*|b+)+', { random: () => 0.99 })
  expect(() => search('random(@)', `${'('.repeat(5_000)}a${')'.repeat(5_000)}`)).toThrow()
})

test('random() finds a character for classes outside printable ASCII', () => {
  expect(search('random(@)', '[é]')).toBe('é')
  expect(search('random(@)', '[\\t]\\x{1F600}')).toBe('\t😀')
})

test('random() generates a string that the pattern matches', () => {
  const patterns = fc
    .array(
      fc.constantFrom(
        'a',
        '[0-9]',
        '[^a-z]',
        '(b|cc)',
        '.',
        '[[:upper:]_]',
        '[]x]',
        '(d|)',
        '\\x41',
        'x{2,4}',
        'y?',
        '\\.',
      ),
      {
        maxLength: 6,
      },
    )
    .map((parts) => `^${parts.join('')}$`)
  fc.assert(
    fc.property(patterns, fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), (pattern, stream) => {
      const random = (): number => stream.next().value ?? 0
      expect(search('regex_match(@, random(@))', pattern, { random })).toBe(true)
    }),
  )
})
