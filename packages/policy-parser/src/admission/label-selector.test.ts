import { describe, expect, test } from 'vitest'
import { selectorFault } from './label-selector.ts'

describe('selectorFault', () => {
  test.each([
    [{ matchLabels: { app: 'x', 'example.com/part': '' } }],
    [
      {
        matchExpressions: [
          { key: 'a', operator: 'In', values: ['x'] },
          { key: 'b', operator: 'Exists' },
        ],
      },
    ],
    [{ matchLabels: { '*': '*' }, matchExpressions: [{ key: 'a', operator: 'Bogus' }] }],
  ])('accepts the selector %j', (selector) => expect(selectorFault(selector)).toBeUndefined())

  test.each([
    [{}],
    [{ matchLabels: {} }],
    [{ matchLabels: { 'a b': 'x' } }],
    [{ matchLabels: { a: 'x y' } }],
    [{ matchLabels: { 'A.B/c': 'x' } }],
    [{ matchExpressions: [{ key: 'a', operator: 'in', values: ['x'] }] }],
    [{ matchExpressions: [{ key: 'a', operator: 'In' }] }],
    [{ matchExpressions: [{ key: 'a', operator: 'Exists', values: ['x'] }] }],
    [{ matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['-'] }] }],
  ])('rejects the selector %j', (selector) => expect(selectorFault(selector)).toBeTypeOf('string'))
})

test('names the key or the value that is wrong', () => {
  expect(selectorFault({ matchLabels: { 'a b': 'x' } })).toBe('expected a label key, got `a b`')
  expect(selectorFault({ matchLabels: { a: 'x y' } })).toBe('expected a label value, got `x y`')
})
