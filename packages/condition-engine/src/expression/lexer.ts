import { expressionTooLarge, syntaxError } from '../condition-error.ts'
import { LIMITS } from '../limits.ts'
import { readJson } from './json-literal.ts'
import type { Token, TokenKind } from './token.ts'

const SINGLE: ReadonlyMap<string, TokenKind> = new Map([
  ['.', 'tDot'],
  ['*', 'tStar'],
  [',', 'tComma'],
  [':', 'tColon'],
  ['{', 'tLbrace'],
  ['}', 'tRbrace'],
  [']', 'tRbracket'],
  ['(', 'tLparen'],
  [')', 'tRparen'],
  ['@', 'tCurrent'],
])

/** First character → second character → the token of both; and the token of the first alone. */
const PAIRS: ReadonlyMap<string, { readonly seconds: ReadonlyMap<string, TokenKind>; readonly alone: TokenKind }> =
  new Map([
    [
      '[',
      {
        seconds: new Map<string, TokenKind>([
          ['?', 'tFilter'],
          [']', 'tFlatten'],
        ]),
        alone: 'tLbracket',
      },
    ],
    ['|', { seconds: new Map<string, TokenKind>([['|', 'tOr']]), alone: 'tPipe' }],
    ['<', { seconds: new Map<string, TokenKind>([['=', 'tLTE']]), alone: 'tLT' }],
    ['>', { seconds: new Map<string, TokenKind>([['=', 'tGTE']]), alone: 'tGT' }],
    ['!', { seconds: new Map<string, TokenKind>([['=', 'tNE']]), alone: 'tNot' }],
    ['=', { seconds: new Map<string, TokenKind>([['=', 'tEQ']]), alone: 'tUnknown' }],
    ['&', { seconds: new Map<string, TokenKind>([['&', 'tAnd']]), alone: 'tExpref' }],
  ])

const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /-?[0-9]*/y
const SPACE = /[ \t\r\n]*/y

/**
 * Splits an expression into tokens; the last one is `tEOF`.
 *
 * @throws ConditionError CONDITION_EXPRESSION_INVALID for an invalid character or literal
 */
export function tokenize(expression: string): readonly Token[] {
  if (expression.length > LIMITS.expressionLength)
    throw expressionTooLarge(`at most ${LIMITS.expressionLength} characters, got ${expression.length}`)
  const tokens: Token[] = []
  let at = skip(SPACE, expression, 0)
  while (at < expression.length) {
    const { token, end } = readToken(expression, at)
    tokens.push(token)
    at = skip(SPACE, expression, end)
  }
  tokens.push({ kind: 'tEOF', text: '' })
  return tokens
}

interface ReadToken {
  readonly token: Token
  readonly end: number
}

function readToken(expression: string, start: number): ReadToken {
  const first = expression.charAt(start)
  const single = SINGLE.get(first)
  if (single !== undefined) return { token: { kind: single, text: first }, end: start + 1 }
  const pair = PAIRS.get(first)
  if (pair !== undefined) {
    const both = pair.seconds.get(expression.charAt(start + 1))
    return both === undefined
      ? { token: { kind: pair.alone, text: first }, end: start + 1 }
      : { token: { kind: both, text: expression.slice(start, start + 2) }, end: start + 2 }
  }
  if (first === '"') return readQuotedIdentifier(expression, start)
  if (first === "'") return readRawString(expression, start)
  if (first === '`') return readLiteral(expression, start)
  for (const [pattern, kind] of [
    [IDENTIFIER, 'tUnquotedIdentifier'],
    [NUMBER, 'tNumber'],
  ] as const) {
    const end = skip(pattern, expression, start)
    if (end > start) return { token: { kind, text: expression.slice(start, end) }, end }
  }
  throw syntaxError(`SyntaxError: Unknown char: ${quoteCharacter(expression.codePointAt(start) ?? 0)}`)
}

function skip(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : start
}

function readQuotedIdentifier(expression: string, start: number): ReadToken {
  const end = endOfDelimited(expression, start)
  const read = readJson(expression.slice(start, end), 0)
  if ('fault' in read || typeof read.value !== 'string') throw syntaxError('invalid character in quoted identifier')
  return { token: { kind: 'tQuotedIdentifier', text: read.value }, end }
}

function readLiteral(expression: string, start: number): ReadToken {
  const end = endOfDelimited(expression, start)
  return { token: { kind: 'tJSONLiteral', text: expression.slice(start + 1, end - 1).replaceAll('\\`', '`') }, end }
}

/**
 * Returns the index after the closing delimiter, which is the character at `start`. A backslash escapes the next
 * character.
 */
function endOfDelimited(expression: string, start: number): number {
  const delimiter = expression.charAt(start)
  for (let at = start + 1; at < expression.length; at++) {
    const character = expression.charAt(at)
    if (character === delimiter) return at + 1
    if (character === '\\') at++
  }
  throw syntaxError(`SyntaxError: Unclosed delimiter: ${delimiter}`)
}

/** A raw string has one escape, `\'`. Any other backslash is literal, also before another backslash. */
function readRawString(expression: string, start: number): ReadToken {
  for (let at = start + 1; at < expression.length; at++) {
    const character = expression.charAt(at)
    if (character === "'")
      return {
        token: { kind: 'tStringLiteral', text: expression.slice(start + 1, at).replaceAll("\\'", "'") },
        end: at + 1,
      }
    if (character === '\\' && expression.charAt(at + 1) === "'") at++
  }
  throw syntaxError("SyntaxError: Unclosed delimiter: '")
}

function quoteCharacter(codePoint: number): string {
  if (codePoint >= 0x20 && codePoint < 0x7f)
    return codePoint === 0x5c ? "'\\\\'" : `'${String.fromCodePoint(codePoint)}'`
  const hex = codePoint.toString(16)
  return codePoint < 0x80
    ? `'\\x${hex.padStart(2, '0')}'`
    : codePoint < 0x10000
      ? `'\\u${hex.padStart(4, '0')}'`
      : `'\\U${hex.padStart(8, '0')}'`
}
