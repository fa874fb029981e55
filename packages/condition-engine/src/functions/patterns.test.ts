import { expect, test } from 'vitest'
import { search } from '../expression/search.ts'

test.each<[source: string, subject: string, expected: boolean]>([
  ['^v\\d+$', 'v12', true],
  ['(?i)ABC', 'xabc', true],
  ['\\Aa\\z', 'a\n', false],
  ['(?P<n>a)b', 'ab', true],
  ['\\Q.*\\E', 'a.*b', true],
  ['[[:alpha:]]+', '123', false],
  ['\\pL', 'é', true],
  ['\\p{Greek}', 'α', true],
  // Names of classes are long, short and of any case.
  ['\\p{Letter}', 'é', true],
  ['[\\p{ greek }x]', 'α', true],
  ['\\p{^lu}', 'A', false],
  ['^.$', '🦄', true],
  // A group name may stand twice.
  ['(?P<a>x)(?P<a>y)', 'xy', true],
  ['a{,2}', 'a{,2}', true],
])('regex_match %j on %j is %s', (source, subject, expected) => {
  expect(search('regex_match(r, s)', { r: source, s: subject })).toBe(expected)
})

test.each([
  '(',
  '[a',
  'a**',
  '(?=a)',
  '(a)\\1',
  '\\C',
  '*a',
  'a{1001}',
  '[z-a]',
  '\\p{Old_Italic}',
  '(?<=a)b',
  '((a{100}){100}){100}',
])('%j is not a regular expression', (source) => {
  expect(() => search("regex_match(r, 'x')", { r: source })).toThrow(
    expect.objectContaining({ kind: 'value', message: expect.stringContaining('error parsing regexp: ') }),
  )
})

test('errors of regular expressions name the function, except for regex_match', () => {
  const messageOf = (expression: string): string => {
    try {
      return String(search(expression, null))
    } catch (error) {
      return String(error)
    }
  }
  expect(messageOf("regex_match('(', 'x')")).toBe('ConditionError: error parsing regexp: missing closing ): `(`')
  expect(messageOf("regex_replace_all('(', 'x', 'y')")).toBe(
    "ConditionError: JMESPath function 'regex_replace_all': error parsing regexp: missing closing ): `(`",
  )
})

test.each<[source: string, subject: string, template: string, expected: string]>([
  ['a', 'banana', 'o', 'bonono'],
  ['a*', 'baac', 'x', 'xbxcx'],
  ['', '🦄b', '-', '-🦄-b-'],
  ['(a)(b)', 'abab', '$2$1', 'baba'],
  ['(?P<first>\\w+) (?P<last>\\w+)', 'John Smith', '${last} $first', 'Smith John'],
  ['(a)', 'a', '$1x', ''],
  ['(a)', 'a', '${1}x', 'ax'],
  ['(a)', 'a', '$$1 $9 $01 ${x $', '$1   ${x $'],
  ['(?P<n>a)|(?P<n>b)', 'ab', '[$n]', '[a][b]'],
  ['(a)(b)?', 'ac', '[$1|$2]', '[a|]c'],
  ['\\b', 'a b', '|', '|a| |b|'],
])('regex_replace_all %j in %j by %j gives %j', (source, subject, template, expected) => {
  expect(search('regex_replace_all(r, s, t)', { r: source, s: subject, t: template })).toBe(expected)
})

test('regex_replace_all_literal does not expand the replacement', () => {
  expect(search("regex_replace_all_literal('(a)', 'aa', '$1$$')", null)).toBe('$1$$$1$$')
})

test.each<[number, string]>([
  [0.1, '0.1'],
  [16777217, '16777216'],
  [1e21, '1000000000000000000000'],
  [-1.5, '-1.5'],
  [1e-7, '0.0000001'],
  [339.640625, '339.64062'],
  [123456.789, '123456.79'],
  [3.4e38, '340000000000000000000000000000000000000'],
  [1e39, '+Inf'],
  [0, '0'],
])('formats the number %d as %s', (number, text) => {
  expect(search("regex_replace_all('^', n, '')", { n: number })).toBe(text)
})

test.each([
  ["pattern_match('ghcr.io/*', 'ghcr.io/a/b')", true],
  ["pattern_match('v?', 'v12')", false],
  ["pattern_match('1?', `12`)", true],
  ["pattern_match('a*', `true`)", 'type'],
])('evaluates %s', (expression, expected) => {
  if (expected !== 'type') expect(search(expression, null)).toBe(expected)
  else expect(() => search(expression, null)).toThrow(expect.objectContaining({ kind: 'type' }))
})

test.each([
  ['^(a+)+$', `${'a'.repeat(65_536)}!`],
  ['(x+x+)+y', 'x'.repeat(65_536)],
  ['(a|a)*b', 'a'.repeat(65_536)],
  ['(.*)(.*)(.*)(.*)z', 'é'.repeat(65_536)],
])('%j does not backtrack', (source, subject) => {
  expect(search('regex_match(r, s)', { r: source, s: subject })).toBe(false)
})

test('rejects a regular expression that is too long', () => {
  expect(() => search("regex_match(r, 'x')", { r: 'a'.repeat(1_001) })).toThrow(
    expect.objectContaining({ code: 'CONDITION_LIMIT_EXCEEDED' }),
  )
})
