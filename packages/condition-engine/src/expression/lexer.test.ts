import { expect, test } from 'vitest'
import { LIMITS } from '../limits.ts'
import { tokenize } from './lexer.ts'

const kindsAndTexts = (text: string): string[] => tokenize(text).map((token) => `${token.kind} ${token.text}`)

test.each([
  ['', ['tEOF ']],
  ['a.b_1', ['tUnquotedIdentifier a', 'tDot .', 'tUnquotedIdentifier b_1', 'tEOF ']],
  ['"a b\\u00e9"', ['tQuotedIdentifier a bé', 'tEOF ']],
  ["'it\\'s'", ["tStringLiteral it's", 'tEOF ']],
  ["'a\\\\n'", ['tStringLiteral a\\\\n', 'tEOF ']],
  ['`"\\`"`', ['tJSONLiteral "`"', 'tEOF ']],
  ['[?a==-1]', ['tFilter [?', 'tUnquotedIdentifier a', 'tEQ ==', 'tNumber -1', 'tRbracket ]', 'tEOF ']],
  [
    'a||b|c&&d&e',
    [
      'tUnquotedIdentifier a',
      'tOr ||',
      'tUnquotedIdentifier b',
      'tPipe |',
      'tUnquotedIdentifier c',
      'tAnd &&',
      'tUnquotedIdentifier d',
      'tExpref &',
      'tUnquotedIdentifier e',
      'tEOF ',
    ],
  ],
  ['!a != [] <= >', ['tNot !', 'tUnquotedIdentifier a', 'tNE !=', 'tFlatten []', 'tLTE <=', 'tGT >', 'tEOF ']],
  ['a-b', ['tUnquotedIdentifier a', 'tNumber -', 'tUnquotedIdentifier b', 'tEOF ']],
  ['\t\r\n @', ['tCurrent @', 'tEOF ']],
])('splits %j into tokens', (text, expected) => {
  expect(kindsAndTexts(text)).toEqual(expected)
})

test.each([
  ['a $', "SyntaxError: Unknown char: '$'"],
  ['é', "SyntaxError: Unknown char: '\\u00e9'"],
  ['🦄', "SyntaxError: Unknown char: '\\U0001f984'"],
  ['a\u0080', "SyntaxError: Unknown char: '\\u0080'"],
  ["'a", "SyntaxError: Unclosed delimiter: '"],
  ["'a\\'", "SyntaxError: Unclosed delimiter: '"],
  ["'a\\\\'", "SyntaxError: Unclosed delimiter: '"],
  ['`a', 'SyntaxError: Unclosed delimiter: `'],
  ['"a\\"', 'SyntaxError: Unclosed delimiter: "'],
  ['"\\q"', 'invalid character in quoted identifier'],
])('rejects %j with the message %s', (text, message) => {
  expect(() => tokenize(text)).toThrow(
    expect.objectContaining({ code: 'CONDITION_EXPRESSION_INVALID', kind: 'syntax', message }),
  )
})

test('rejects an expression over the limit, and accepts one at the limit', () => {
  expect(tokenize(' '.repeat(LIMITS.expressionLength))).toHaveLength(1)
  expect(() => tokenize(' '.repeat(LIMITS.expressionLength + 1))).toThrow(
    expect.objectContaining({ code: 'CONDITION_LIMIT_EXCEEDED' }),
  )
})
