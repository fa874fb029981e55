import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluateSelector, matchLabelSelector } from './label-selector.ts'

const LABELS = { app: 'web', tier: '1', 'app.kubernetes.io/name': 'shop', empty: '' }

test.each([
  [{}, true],
  [{ matchLabels: {} }, true],
  [{ matchLabels: { app: 'web' } }, true],
  [{ matchLabels: { app: 'api' } }, false],
  [{ matchLabels: { app: 'web', tier: '2' } }, false],
  [{ matchLabels: { app: 'w*' } }, true],
  [{ matchLabels: { 'a?p': '?eb' } }, true],
  [{ matchLabels: { 'app.kubernetes.io/*': 's*' } }, true],
  [{ matchLabels: { missing: '*' } }, false],
  [{ matchLabels: { empty: '' } }, true],
  [{ matchLabels: { empty: '*' } }, true],
  [{ matchLabels: { empty: '?*' } }, false],
  [{ matchLabels: { constructor: '*' } }, false],
  [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'api'] }] }, true],
  [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['w*'] }] }, false],
  [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['api'] }] }, true],
  [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, false],
  [{ matchExpressions: [{ key: 'none', operator: 'NotIn', values: ['web'] }] }, true],
  [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true],
  [{ matchExpressions: [{ key: 'toString', operator: 'Exists' }] }, false],
  [{ matchExpressions: [{ key: 'none', operator: 'DoesNotExist' }] }, true],
  [{ matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
  [{ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['2'] }] }, false],
])('selector %j matches: %s', (selector, expected) => {
  expect(matchLabelSelector(selector, LABELS)).toBe(expected)
})

test.each([
  { matchExpressions: [{ key: 'app', operator: 'In', values: [] }] },
  { matchExpressions: [{ key: 'app', operator: 'In' }] },
  { matchExpressions: [{ key: 'app', operator: 'Exists', values: ['x'] }] },
  { matchExpressions: [{ key: 'app', operator: 'Gt', values: ['1'] }] },
  { matchExpressions: [{ key: 'app', operator: 'in', values: ['web'] }] },
  { matchExpressions: [{ key: '', operator: 'Exists' }] },
  { matchExpressions: [{ key: 'a*', operator: 'Exists' }] },
  { matchExpressions: [{ key: 'a/b/c', operator: 'DoesNotExist' }] },
  { matchExpressions: [{ key: '/x', operator: 'DoesNotExist' }] },
  { matchExpressions: [{ key: 'Upper.example/x', operator: 'DoesNotExist' }] },
  { matchExpressions: [{ key: 'x'.repeat(64), operator: 'DoesNotExist' }] },
  { matchExpressions: [{ key: `${'x'.repeat(254)}/x`, operator: 'DoesNotExist' }] },
  { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['bad value!'] }] },
  { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['x'.repeat(64)] }] },
  { matchLabels: { 'bad key!': 'x' } },
  { matchLabels: { app: '-*' } },
  { matchLabel: { app: 'web' } } as object,
  { matchExpressions: [{ key: 'app', operator: 'Exists', value: 'x' }] },
])('%j is an invalid selector and matches nothing', (selector) => {
  expect(evaluateSelector(selector, new Map(Object.entries(LABELS)))).toHaveProperty('problem')
  expect(matchLabelSelector(selector, LABELS)).toBe(false)
})

test('a pattern in matchLabels resolves to the first label, in document order, that it matches', () => {
  const selector = { matchLabels: { '*': 'x' }, matchExpressions: [] }
  expect(matchLabelSelector(selector, { a: 'x', b: 'x' })).toBe(true)
  expect(matchLabelSelector(selector, { a: 'y', b: 'x' })).toBe(true)
  expect(matchLabelSelector(selector, { a: 'y' })).toBe(false)
})

test('labels used as matchLabels match every superset of themselves', () => {
  const labels = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.stringMatching(/^[a-z0-9]{0,5}$/), {
    noNullPrototype: true,
  })
  fc.assert(
    fc.property(labels, labels, (own, more) => {
      expect(matchLabelSelector({ matchLabels: own }, { ...more, ...own })).toBe(true)
    }),
  )
})
