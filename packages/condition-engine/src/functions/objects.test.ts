import { expect, test } from 'vitest'
import { search } from '../expression/search.ts'

test.each<[string, unknown, unknown]>([
  ["lookup(@, 'a')", { a: 1 }, 1],
  ["lookup(@, 'b')", { a: 1 }, null],
  ["lookup(@, 'constructor')", { a: 1 }, null],
  ['lookup(@, `1`)', ['x', 'y'], 'y'],
  ['lookup(@, `2`)', ['x', 'y'], null],
  ['lookup(@, `-1`)', ['x', 'y'], null],
  ['object_from_lists(`["a", 1.5, true]`, `[1]`)', null, { a: 1, 1.5: null, true: null }],
  ['object_from_lists(`[16777217]`, `[1]`)', null, { 16777216: 1 }],
  ['label_match(`{"a": "1"}`, @)', { a: '1', b: '2' }, true],
  ['label_match(`{"a": "1"}`, @)', { a: '2' }, false],
  ['label_match(`{}`, @)', {}, true],
  ['label_match(`{"constructor": null}`, @)', {}, false],
])('evaluates %s on %j', (expression, data, expected) => {
  expect(search(expression, JSON.parse(JSON.stringify(data)))).toEqual(expected)
})

test('object_from_lists treats __proto__ as an ordinary key', () => {
  expect(Object.keys(search('object_from_lists(`["__proto__"]`, `[1]`)', null) ?? {})).toEqual(['__proto__'])
})

test.each([
  ['lookup(`[1]`, `0.5`)', 'value'],
  ['lookup(`[1]`, `1e20`)', 'value'],
  ["lookup(`[1]`, '0')", 'type'],
  ['lookup(`{}`, `0`)', 'type'],
  ["lookup('x', 'y')", 'type'],
  ['object_from_lists(`[{}]`, `[]`)', 'type'],
  ['object_from_lists(`[null]`, `[]`)', 'type'],
  ['label_match(`{}`, `[]`)', 'type'],
  ["items('x', 'k', 'v')", 'type'],
])('%s fails with an error of kind %s', (expression, kind) => {
  expect(() => search(expression, null)).toThrow(expect.objectContaining({ kind }))
})
