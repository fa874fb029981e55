import { describe, expect, test } from 'vitest'
import { compileRegularExpression, isAnchored } from './regular-expression.ts'

describe('patterns are those of RE2', () => {
  test.each([
    ['(?i)ACME', 'acme', true],
    ['\\Aacme\\z', 'acme', true],
    ['\\Aacme\\z', 'acme\n', false],
    ['^acme$', 'acme\n', false],
    ['^acme$', 'evil\nacme', false],
    ['(?m)^acme$', 'evil\nacme', true],
    ['a.b', 'a\nb', false],
    ['(?s)a.b', 'a\nb', true],
    ['(?P<org>acme)/app', 'acme/app', true],
    ['\\Qa.b\\E', 'a.b', true],
    ['\\Qa.b\\E', 'axb', false],
    ['^[[:alpha:]]+$', 'acme', true],
    ['^[[:alpha:]]+$', 'acme1', false],
    ['^\\pL+$', 'ä', true],
    ['\\d', '٣', false],
    ['\\bapp\\b', 'my app', true],
    ['[^a]', 'a', false],
    ['^(a|b)*c$', 'ababc', true],
    ['x{2,3}', 'x', false],
    ['', 'anything', true],
  ])('%s on %j matches as in Go: %s', (pattern, text, expected) => {
    expect(compileRegularExpression(pattern, 'subject').matches(text)).toBe(expected)
  })

  test.each([
    ['(', 'missing closing ): `(`'],
    ['a**', 'invalid nested repetition operator: `**`'],
    ['(?=x)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['\\1', 'invalid escape sequence: `\\1`'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['[b-a]', 'invalid character class range: `b-a`'],
  ])("rejects %s with Go's reason", (pattern, words) => {
    expect(() => compileRegularExpression(pattern, 'subject')).toThrow(
      expect.objectContaining({
        code: 'ATTESTOR_POLICY_INVALID',
        details: { detail: { kind: 'attestor-pattern-invalid', field: 'subject', pattern, problem: words } },
      }),
    )
  })
})

test('matches in time proportional to the text', () => {
  const started = performance.now()
  expect(compileRegularExpression('^(a+)+$', 'subject').matches(`${'a'.repeat(65_536)}!`)).toBe(false)
  expect(compileRegularExpression('(x+x+)+y', 'subject').matches('x'.repeat(65_536))).toBe(false)
  expect(performance.now() - started).toBeLessThan(2_000)
})

test('rejects a pattern beyond the length limit', () => {
  expect(() => compileRegularExpression('a'.repeat(10_240), 'subject')).toThrow(
    expect.objectContaining({ code: 'ATTESTOR_POLICY_INVALID' }),
  )
})

test.each([
  ['^a$', true],
  ['\\Aa\\z', true],
  ['(?i)^a$', true],
  ['a', false],
  ['^a', false],
  ['a$', false],
  ['^a\\$', false],
])('%s is anchored at both ends: %s', (pattern, expected) => {
  expect(isAnchored(pattern)).toBe(expected)
})
