import { expect, test } from 'vitest'
import { search } from './search.ts'

const data = { one: 1, two: 2, text: '1', flag: true, none: null, list: [1, { a: 2 }], map: { a: 1, b: 2 } }

test.each([
  ['one < two', true],
  ['two < one', false],
  ['one <= one', true],
  ['two > one', true],
  ['one > one', false],
  ['one >= two', false],
])('orders numbers: %s is %s', (expression, expected) => {
  expect(search(expression, data)).toBe(expected)
})

test.each(['text < two', 'two > text', 'flag >= one', 'none < one', 'list <= list', 'missing < one', 'one > missing'])(
  'the order of values that are not both numbers is null: %s',
  (expression) => {
    expect(search(expression, data)).toBeNull()
  },
)

test.each([
  ['one == `1`', true],
  ['one == text', false],
  ['one != text', true],
  ['list == `[1, {"a": 2}]`', true],
  ['list == `[{"a": 2}, 1]`', false],
  ['map == `{"b": 2, "a": 1}`', true],
  ['map == `{"a": 1}`', false],
  ['map == `{"a": 1, "c": 2}`', false],
  ['none == missing', true],
  ['missing != none', false],
])('compares any values for equality: %s is %s', (expression, expected) => {
  expect(search(expression, data)).toBe(expected)
})
