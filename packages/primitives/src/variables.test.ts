import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  expressionOf,
  findReferences,
  findVariables,
  hasVariables,
  replaceVariables,
  type Placeholder,
} from './variables.ts'

const whole = (found: readonly Placeholder[]): string[] => found.map(({ lead, text }) => `${lead}|${text}`)

describe('findVariables', () => {
  test.each([
    ['{{a}}', ['|{{a}}']],
    ['x{{ a }}y{{b}}', ['x|{{ a }}', 'y|{{b}}']],
    ['{{a}}{{b}}', ['|{{a}}']],
    ['\\{{a}}', []],
    ['{{ {a: b} }}', ['|{{ {a: b} }}']],
    ['{{ a.{{b}} }}', ['.|{{b}}']],
    ['{{a', []],
    ['{a}}', []],
  ])('finds in %j the variables %j', (text, expected) => expect(whole(findVariables(text))).toEqual(expected))

  test('finds no variable among many open braces', () => expect(hasVariables('{{a '.repeat(50_000))).toBe(false))
})

test('replaceVariables replaces exactly the variables that findVariables finds', () => {
  const texts = fc.string({ unit: fc.constantFrom('{', '}', '\\', 'a', ' ', '\n'), maxLength: 30 })
  fc.assert(
    fc.property(texts, (text) => {
      const found = findVariables(text)
      const length = found.reduce((sum, variable) => sum + variable.text.length, 0)
      expect(replaceVariables(text, '').length).toBe(text.length - length)
    }),
  )
})

describe('expressionOf', () => {
  test.each([
    ['{{ a }}', 'a', false],
    ['{{- a }}', 'a', true],
    ['{{ - a }}', 'a', true],
    ['{{ {{a }}', 'a', false],
  ])('reads the expression of %j as %j, shallow: %s', (text, expression, shallow) =>
    expect(expressionOf(text)).toEqual({ expression, shallow }),
  )
})

describe('findReferences', () => {
  test.each([
    ['$(/a)', ['|$(/a)']],
    ['see $(./../a) and $(b)', [' |$(./../a)', ' |$(b)']],
    ['$(/a)$(/b)', ['|$(/a)$(/b)']],
    ['$(/a b)', []],
    ['\\$(a)', []],
    ['$()', []],
    ['$(a', []],
  ])('finds in %j the references %j', (text, expected) => expect(whole(findReferences(text))).toEqual(expected))

  test('findReferences agrees with the regular expression of Kyverno', () => {
    const texts = fc.string({ unit: fc.constantFrom('$', '(', ')', '$(', '\\', 'a', ' ', '\n'), maxLength: 30 })
    fc.assert(
      fc.property(texts, (text) => {
        const expected = Array.from(text.matchAll(/^\$\(.[^ ]*\)|[^\\]\$\(.[^ ]*\)/g), ([match]) => match)
        expect(findReferences(text).map(({ lead, text: reference }) => lead + reference)).toEqual(expected)
      }),
      { numRuns: 2_000 },
    )
  })
})
