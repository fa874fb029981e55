import { expect, test } from 'vitest'
import { SealedData } from './sealed-data.ts'
import { spliceExpression } from './splice-expression.ts'

/** Splices a value at `§`; a string unless it is given as JSON. */
function spliced(expression: string, value: string, isString = true): string {
  const data = new SealedData()
  return spliceExpression(
    expression.replaceAll('§', () => data.seal(value, isString)),
    data,
  )
}

test('an expression without data stays unchanged', () => {
  expect(spliced('a.b || `{}`', 'x')).toBe('a.b || `{}`')
})

test.each([
  ['a.§', 'b', 'a.b'],
  ['a[§]', '-1', 'a[-1]'],
  ['a."§"', 'b.c d', 'a."b.c d"'],
  ["'§'", 'a "b" `c`', '\'a "b" `c`\''],
  ['`§`', 'a/b:c', '`a/b:c`'],
  ['`"§"`', "it's", '`"it\'s"`'],
  ['"a"."§" == \'§\'', 'b', '"a"."b" == \'b\''],
])('inserts into %s the value %s', (expression, value, expected) => {
  expect(spliced(expression, value)).toBe(expected)
})

test.each([
  ['a name before a parenthesis', '§(a)', 'length'],
  ['a name before a space and a parenthesis', '§ (a)', 'length'],
  ['a name with a dot', 'a.§', 'b.c'],
  ['an empty name', 'a.§', ''],
  ['a quote in an identifier', '"§"', 'a" || "b'],
  ['a backslash in an identifier', '"§"', 'a\\'],
  ['a line feed in an identifier', '"§"', 'a\nb'],
  ['a quote in a raw string', "'§'", "a' || 'b"],
  ['a backslash at the end of a raw string', "'§'", 'a\\'],
  ['a backtick in a literal', '`§`', '1` || `2'],
  ['a quote in a literal', '`§`', '"a"'],
  ['a quote in a string of a literal', '`"§"`', 'a","b'],
  ['a backtick in a string of a literal', '`"§"`', 'a` || `b'],
])('refuses %s', (_, expression, value) => {
  expect(() => spliced(expression, value)).toThrow(expect.objectContaining({ code: 'CONDITION_VALUE_INVALID' }))
})

test('refuses data directly after a backslash, which would escape its first character', () => {
  for (const expression of ['"\\§"', "'\\§'", '`\\§`', '`"\\§"`'])
    expect(() => spliced(expression, 'n'), expression).toThrow(
      expect.objectContaining({ code: 'CONDITION_VALUE_INVALID' }),
    )
  expect(spliced('"\\\\§"', 'n')).toBe('"\\\\n"')
})

test('an escaped quote of the policy does not end its string', () => {
  expect(spliced('"a\\"§"', 'b.c')).toBe('"a\\"b.c"')
  expect(spliced("'a\\'§'", 'b.c')).toBe("'a\\'b.c'")
  expect(spliced('`"a\\"§"`', 'b/c')).toBe('`"a\\"b/c"`')
  // Only the quote can be escaped in a raw string: the second backslash escapes it, so the string goes on.
  expect(spliced("'a\\\\'§'", 'b.c')).toBe("'a\\\\'b.c'")
  expect(() => spliced("'a'.§", 'b.c')).toThrow(expect.objectContaining({ code: 'CONDITION_VALUE_INVALID' }))
})

test('JSON in a literal is inserted, unless it has a backtick', () => {
  expect(spliced('`§`', '{"a":[1]}', false)).toBe('`{"a":[1]}`')
  expect(() => spliced('`§`', '{"a":"`"}', false)).toThrow(expect.objectContaining({ code: 'CONDITION_VALUE_INVALID' }))
})
