import { describe, expect, test } from 'vitest'
import { findReferences } from './references.ts'
import { expressionOf, findVariables, hasVariables } from './variables.ts'

describe('findVariables', () => {
  test.each([
    ['{{a}}', ['|{{a}}']],
    ['x{{ a }}y{{b}}', ['x|{{ a }}', 'y|{{b}}']],
    ['{{a}}{{b}}', ['|{{a}}']],
    ['\\{{a}}', []],
    ['{{ {a: b} }}', ['|{{ {a: b} }}']],
    ['{{ a.{{b}} }}', [' a.'.at(-1) + '|{{b}}']],
    ['{{a', []],
    ['{a}}', []],
  ])('in %j', (text, expected) =>
    expect(findVariables(text).map(({ lead, text: found }) => `${lead}|${found}`)).toEqual(expected),
  )

  test('takes linear time on many open braces', () => expect(hasVariables('{{a '.repeat(50_000))).toBe(false))
})

describe('expressionOf', () => {
  test.each([
    ['{{ a }}', 'a', false],
    ['{{- a }}', 'a', true],
    ['{{ - a }}', 'a', true],
    ['{{ {{a }}', 'a', false],
  ])('of %j', (text, expression, shallow) => expect(expressionOf(text)).toEqual({ expression, shallow }))
})

describe('findReferences', () => {
  test.each([
    ['$(/a)', ['$(/a)']],
    ['see $(./../a) and $(b)', [' $(./../a)', ' $(b)']],
    ['$(/a)$(/b)', ['$(/a)$(/b)']],
    ['$(/a b)', []],
    ['\\$(a)', []],
    ['$()', []],
    ['$(a', []],
  ])('in %j', (text, expected) => expect(findReferences(text)).toEqual(expected))
})
