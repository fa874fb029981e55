import { expect, test } from 'vitest'
import { compileRegularExpression } from './regular-expression.ts'

/** Go's answers: what RE2 and JavaScript read differently, or only one of them reads. */
const table: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
  // Flags.
  ['(?i)acme', 'ACME', true],
  ['(?i:acme)x', 'ACMEX', false],
  ['(?i)\\bk\\b', '\u212A', false],
  ['(?i)k', '\u212A', true],
  ['(?i)s', '\u017F', true],
  ['(?s).', '\n', true],
  ['.', '\n', false],
  ['.', '\r', true],
  ['.', '\u2028', true],
  ['(?m)^b$', 'a\nb\nc', true],
  ['^b$', 'a\nb\nc', false],
  ['(?U)^a+$', 'aaa', true],
  ['(?-s)a.b', 'a\nb', false],
  // Where texts and lines begin and end.
  ['\\Aacme', 'x\nacme', false],
  ['(?m)\\Aacme', 'x\nacme', false],
  ['acme\\z', 'acme\n', false],
  ['acme$', 'acme\n', false],
  ['(?m)acme$', 'acme\n', true],
  ['^$', '', true],
  ['^$', '\n', false],
  ['^', '', true],
  // Groups and quotes.
  ['(?P<org>acme)', 'acme', true],
  ['(?<org>acme)', 'acme', true],
  ['(?:acme)', 'acme', true],
  ['\\Qa+b\\E', 'a+b', true],
  ['\\Qa+b', 'aab', false],
  ['\\Q\\E^x', 'yx', false],
  // Classes.
  ['[[:alpha:]]', '1', false],
  ['[[:alpha:]]', 'x', true],
  ['[[:^alpha:]]', 'x', false],
  ['[^[:digit:]]', '5', false],
  ['[[:word:]-]', '-', true],
  ['[]a]', ']', true],
  ['[^]a]', ']', false],
  ['\\d', '\u0665', false],
  ['\\w', 'é', false],
  ['\\s', '\u00A0', false],
  ['\\s', '\v', false],
  ['[\\d\\-]', '-', true],
  ['\\pL', 'é', true],
  ['\\p{Greek}', 'δ', true],
  ['\\P{L}', 'x', false],
  ['\\p{^L}', '1', true],
  ['\\bé', 'é', false],
  ['\\B', '', true],
  // Escapes.
  ['\\x41', 'A', true],
  ['\\x{1F600}', '\u{1F600}', true],
  ['\\a', '\u0007', true],
  ['\\07', '\u0007', true],
  ['\\.', 'x', false],
  ['a\\/b', 'a/b', true],
  ['\\-', '-', true],
  // Counts.
  ['^a{2}$', 'aa', true],
  ['^a{,2}$', 'a{,2}', true],
  ['^a{2,}$', 'aaaa', true],
  ['^a{0}b$', 'b', true],
  ['^(?:a|b){1000}$', 'ab'.repeat(500), true],
  ['{', '{', true],
  ['a{x}', 'a{x}', true],
  // A code point is one character.
  ['^.$', '\u{1F600}', true],
  ['^..$', '\u{1F600}', false],
  ['^[\u{1F600}-\u{1F64F}]$', '\u{1F610}', true],
]

test.each(table)('%s on %j matches as in Go: %s', (pattern, text, matches) => {
  expect(compileRegularExpression(pattern, 'subject').matches(text)).toBe(matches)
})

test.each([
  '(?=a)',
  '(?!a)',
  '(?<=a)b',
  '(?<!a)b',
  '(a)\\1',
  '(?P<n>a)(?P<n>b)',
  '\\k<n>',
  '(?>a)',
  'a++',
  'a*+',
  '(',
  ')',
  '[a',
  '[[:nope:]]',
  'a{1001}',
  'x**',
  '*',
  '+',
  '?a',
  '\\',
  '\\p{Nope}',
  '\\x{110000}',
  '\\8',
  '[z-a]',
  '(?z)',
  '(?P<>a)',
  '\\Z',
  '\\G',
  '\\u0041',
  '\\cA',
  '\\e',
])('rejects %s, which RE2 does not accept', (pattern) => {
  expect(() => compileRegularExpression(pattern, 'subject')).toThrow(
    expect.objectContaining({ code: 'ATTESTOR_POLICY_INVALID' }),
  )
})

test.each<[string, string]>([
  ['(a+)+$', `${'a'.repeat(40)}!`],
  ['^(a|aa)+$', `${'a'.repeat(40)}!`],
  ['(.*)*x', 'y'.repeat(5_000)],
  ['^(?:[a-z]+[0-9]*)+$', `${'abc'.repeat(5_000)}!`],
  ['(a?){30}a{30}', 'a'.repeat(30)],
  ['^https://(?:[^/]+/)*x$', `https://${'a/'.repeat(20_000)}y`],
  ['[^a]*[^b]*[^c]*x', 'd'.repeat(5_000)],
  ['\\s+$', ' '.repeat(20_000) + 'x'],
])('matches %s in time proportional to the text', (pattern, text) => {
  const started = performance.now()
  compileRegularExpression(pattern, 'subject').matches(text)
  expect(performance.now() - started).toBeLessThan(1_000)
})

test('matches text with lone surrogates without an exception', () => {
  for (const text of ['\uD800', 'a\uDFFFb', '\u0000', '\uFFFD'])
    expect(typeof compileRegularExpression('^a.b$', 'subject').matches(text)).toBe('boolean')
  expect(compileRegularExpression('^acme$', 'subject').matches('acme\uD800')).toBe(false)
})
