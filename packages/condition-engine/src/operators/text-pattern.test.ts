import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchTextPattern, patternOperator } from './text-pattern.ts'

test.each([
  ['10-20', '-'],
  ['1.5Gi-2Gi', '-'],
  ['-5-5', '-'],
  ['+1-+3', '-'],
  ['10!-20', '!-'],
  ['>=5', '>='],
  ['<5', '<'],
  ['!5', '!'],
  ['a-b', ''],
  ['1-', ''],
  ['2023-01-15', ''],
  ['', ''],
  ['>', ''],
])('the operator of the pattern %j is %j', (pattern, operator) => {
  expect(patternOperator(pattern)).toBe(operator)
})

test.each([
  ['15', '10-20', true],
  ['10', '10-20', true],
  ['21', '10-20', false],
  ['90m', '1h-2h', true],
  ['1536Ki', '1Mi-2Mi', true],
  ['abc', '10-20', undefined],
  ['5', '10!-20', true],
  ['15', '10!-20', false],
  ['b', 'a | b', true],
  ['c', 'a|b', false],
  ['5', '>1 & <10', true],
  ['50', '>1 & <10', false],
  ['abc', 'a*', true],
  ['abc', '!a*', false],
  ['abc', '>5', undefined],
  ['1024', '1Ki', true],
  ['', '', true],
])('%j matches the pattern %j: %s', (text, pattern, fits) => {
  expect(matchTextPattern(text, pattern)).toBe(fits)
})

test('any pattern on any string ends without an exception', () => {
  const texts = fc.string({ unit: fc.constantFrom(...'019.-+!<>=|&*? hmKi') })
  fc.assert(
    fc.property(texts, texts, (text, pattern) => {
      expect([true, false, undefined]).toContain(matchTextPattern(text, pattern))
    }),
  )
})
