import { describe, expect, test } from 'vitest'
import { isSubdomain, keyFault, selectorFault, valueFault } from './label-selector.ts'

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
  ])('accepts %j', (selector) => expect(selectorFault(selector)).toBeUndefined())

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
  ])('rejects %j', (selector) => expect(selectorFault(selector)).toBeTypeOf('string'))
})

describe('names', () => {
  test('of labels have at most 63 characters and one prefix', () => {
    expect(keyFault('x'.repeat(63))).toBeUndefined()
    expect(keyFault('x'.repeat(64))).toBeTypeOf('string')
    expect(keyFault('a/b/c')).toBeTypeOf('string')
    expect(valueFault('x'.repeat(64))).toBeTypeOf('string')
  })

  test('of objects are lower-case subdomains', () => {
    expect(isSubdomain('a-1.b')).toBe(true)
    for (const name of ['', 'A', 'a_b', '-a', 'a.', 'a..b', 'x'.repeat(254)]) expect(isSubdomain(name)).toBe(false)
  })
})
