import { expect, test } from 'vitest'
import { readJson } from './json-literal.ts'

test.each<[string, unknown]>([
  [' {"a": [1, null]} ', { a: [1, null] }],
  ['{"a":1,"a":2}', { a: 2 }],
  ['"\\ud800"', '\ufffd'],
  ['{"\\udc80": "x"}', { '\ufffd': 'x' }],
  ['"\ud83e"', '\ufffd'],
  ['12345678901234567890', 12345678901234567000],
])('parses the JSON literal %j', (text, value) => {
  expect(readJson(text, 10)).toEqual({ value })
})

test.each(['', '{', '[1,]', '01', "'x'", 'NaN', '{} x', '1e400', '[-1e999]', '\u00a01', '"\u0001"'])(
  '%j is not a JSON literal',
  (text) => {
    expect(readJson(text, 10)).toHaveProperty('fault')
  },
)

test('rejects JSON that nests deeper than the limit', () => {
  expect(readJson('[[]]', 2)).toEqual({ value: [[]] })
  expect(() => readJson('[[[]]]', 2)).toThrow(expect.objectContaining({ code: 'CONDITION_LIMIT_EXCEEDED' }))
})
