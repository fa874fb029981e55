import { expect, test } from 'vitest'
import { LIMITS } from '../limits.ts'
import type { Node } from './node.ts'
import { parseExpression } from './parser.ts'

const a: Node = { kind: 'field', name: 'a' }
const b: Node = { kind: 'field', name: 'b' }
const c: Node = { kind: 'field', name: 'c' }
const identity: Node = { kind: 'identity' }

test.each<[string, Node]>([
  ['a.b.c', { kind: 'chain', left: { kind: 'chain', left: a, right: b }, right: c }],
  // `!` binds tighter than `.`: this is the trap of the dialect.
  ['!a.b', { kind: 'chain', left: { kind: 'not', operand: a }, right: b }],
  ['!(a.b)', { kind: 'not', operand: { kind: 'chain', left: a, right: b } }],
  ['a || b && c', { kind: 'or', left: a, right: { kind: 'and', left: b, right: c } }],
  ['a | b || c', { kind: 'pipe', left: a, right: { kind: 'or', left: b, right: c } }],
  ['a[0]', { kind: 'chain', left: a, right: { kind: 'index', index: 0 } }],
  [
    'a[1:-2]',
    {
      kind: 'list-projection',
      left: { kind: 'chain', left: a, right: { kind: 'slice', parts: [1, -2, undefined] } },
      right: identity,
    },
  ],
  // The projection takes only the last component: `a.(b[*])`.
  ['a.b[*].c', { kind: 'chain', left: a, right: { kind: 'list-projection', left: b, right: c } }],
  [
    'a.b[].c',
    { kind: 'list-projection', left: { kind: 'flatten', left: { kind: 'chain', left: a, right: b } }, right: c },
  ],
  ['a.b[?c]', { kind: 'filter-projection', left: { kind: 'chain', left: a, right: b }, right: identity, condition: c }],
  ['a.*.b', { kind: 'value-projection', left: a, right: b }],
  ['[a, b]', { kind: 'multiselect-list', items: [a, b] }],
  [
    '{x: a "y": b}',
    {
      kind: 'multiselect-hash',
      entries: [
        ['x', a],
        ['y', b],
      ],
    },
  ],
  ['f(a b,)', { kind: 'call', name: 'f', args: [a, b] }],
  ['&a.b', { kind: 'reference', expression: { kind: 'chain', left: a, right: b } }],
  ['a == `1`', { kind: 'comparator', comparison: 'tEQ', left: a, right: { kind: 'literal', value: 1 } }],
  ["'f'(a)", { kind: 'call', name: 'f', args: [a] }],
  ['@(a)', { kind: 'call', args: [a] }],
])('parses %s', (text, expected) => {
  expect(parseExpression(text)).toEqual(expected)
})

test.each([
  ['', 'Incomplete expression'],
  ['a.', 'Expected identifier, lbracket, or lbrace'],
  ['a b', 'Unexpected token at the end of the expression: tUnquotedIdentifier'],
  ['.a', 'Invalid token: tDot'],
  ['-1', 'Invalid token: tNumber'],
  ['a[', 'Expected tStar, received: tEOF'],
  ['a[1', 'Expected tRbracket, received: tEOF'],
  ['a[::', 'Expected tColon or tNumber, received: tEOF'],
  ['a[1:2:3:4]', 'Expected tRbracket, received: tNumber'],
  ['[a,]', 'Invalid token: tRbracket'],
  ['{a:b,}', 'Expected tQuotedIdentifier or tUnquotedIdentifier'],
  ['{a b}', 'Expected tColon, received: tUnquotedIdentifier'],
  ['f(', 'Incomplete expression'],
  ['f(,a)', 'Invalid token: tComma'],
  ['"f"(a)', "Can't have quoted identifier as function Name."],
  ['a[*]{', 'Error'],
  ['a *', 'Unexpected token: tStar'],
])('rejects %j with the message %s', (text, message) => {
  expect(() => parseExpression(text)).toThrow(
    expect.objectContaining({ code: 'CONDITION_EXPRESSION_INVALID', message: `SyntaxError: ${message}` }),
  )
})

test.each(['`foo`', '``', '`[1,]`', '`1e400`', '`{a:1}`', '[99999999999999999999]', '[-]', '[1:99999999999999999999]'])(
  '%s is not an expression',
  (text) => {
    expect(() => parseExpression(text)).toThrow(expect.objectContaining({ code: 'CONDITION_EXPRESSION_INVALID' }))
  },
)

test.each([
  ['parentheses', '('.repeat(5_000)],
  ['negations', '!'.repeat(5_000)],
  ['lists', '['.repeat(5_000)],
  ['objects', '{a:'.repeat(5_000)],
  ['calls', 'f('.repeat(5_000)],
  ['filters', '[?'.repeat(5_000)],
  ['projections', '[*]'.repeat(5_000)],
])('rejects an expression with %s that nest too deep', (_name, text) => {
  expect(() => parseExpression(text)).toThrow(
    expect.objectContaining({ code: 'CONDITION_LIMIT_EXCEEDED', kind: 'limit' }),
  )
})

test('accepts parentheses that nest up to the limit', () => {
  const depth = LIMITS.expressionDepth - 1
  expect(parseExpression(`${'('.repeat(depth)}a${')'.repeat(depth)}`)).toEqual(a)
})

test('treats `__proto__` as an ordinary key in a literal', () => {
  const node = parseExpression('`{"__proto__": {"x": 1}}`')
  expect(node.kind === 'literal' && Object.keys(node.value ?? {})).toEqual(['__proto__'])
})
