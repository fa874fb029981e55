import { expect, test } from 'vitest'
import { search } from '../expression/search.ts'

const MISMATCH = 'Types mismatch'
const ZERO = 'Zero divisor passed'
const FRACTION = 'Non-integer argument(s) passed for modulo'
const INVALID = 'invalid operand'

test.each<[name: string, left: unknown, right: unknown, expected: number | string]>([
  ['add', 1, 2, 3],
  ['add', '1Gi', '512Mi', '1536Mi'],
  ['add', '1h', '30m', MISMATCH],
  ['add', '1h', '1h', '2h0m0s'],
  ['add', '500m', '1', '1500m'],
  ['add', '0', '1Ki', '1Ki'],
  ['add', 1, '1', MISMATCH],
  ['add', 'x', 1, INVALID],
  ['add', null, 1, INVALID],
  ['add', true, 1, INVALID],
  ['subtract', 1, 3, -2],
  ['subtract', '1Mi', '1Ki', '1023Ki'],
  ['subtract', '1h', '90s', '58m30s'],
  ['subtract', '1h', '90', MISMATCH],
  ['subtract', '1h', '1h30m', '-30m0s'],
  ['multiply', 2, 2.5, 5],
  ['multiply', '2Gi', 3, '6Gi'],
  ['multiply', 3, '2Gi', '6Gi'],
  ['multiply', '1h30m', 2, '3h0m0s'],
  ['multiply', 2, '1h30m', '3h0m0s'],
  ['multiply', '2', '2', MISMATCH],
  ['divide', 1, 4, 0.25],
  ['divide', '1Gi', '512Mi', 2],
  ['divide', '10', 3, '3'],
  ['divide', '1h', '30s', 120],
  ['divide', '1h', '30', MISMATCH],
  ['divide', '3h', '2h', 1.5],
  ['divide', '3h', 2, '1h30m0s'],
  ['divide', 1, '1', MISMATCH],
  ['divide', 1, 0, ZERO],
  ['divide', '1', 0, ZERO],
  ['divide', '1', '0', ZERO],
  ['divide', '1h', '0h', ZERO],
  ['modulo', 7, 4, 3],
  ['modulo', -7, 4, -3],
  ['modulo', 7.5, 4, FRACTION],
  ['modulo', 7, 0, ZERO],
  ['modulo', '7Ki', '4Ki', '3Ki'],
  ['modulo', '500m', '1', FRACTION],
  ['modulo', '90s', '1h', '1m30s'],
  ['modulo', '1h', '0h', ZERO],
  ['modulo', 7, '4', MISMATCH],
])('%s(%j, %j) is %j', (name, left, right, expected) => {
  const evaluate = (): unknown => search(`${name}(l, r)`, JSON.parse(JSON.stringify({ l: left, r: right })))
  if (typeof expected === 'string' && [MISMATCH, ZERO, FRACTION, INVALID].includes(expected)) {
    const kind = expected === MISMATCH || expected === INVALID ? 'type' : 'value'
    expect(evaluate).toThrow(expect.objectContaining({ kind, message: `JMESPath function '${name}': ${expected}` }))
  } else expect(evaluate()).toBe(expected)
})

test.each<[string, unknown]>([
  ['sum(`[1, 2, 3]`)', 6],
  ['sum(`["1Gi", "1Mi"]`)', '1025Mi'],
  ['sum(`[{"a": 1}]`)', { a: 1 }],
  ['round(`2.5`, `0`)', 3],
  ['round(`-2.5`, `0`)', -3],
  ['round(`0.49999999999999994`, `0`)', 0],
  ['round(`1.005`, `2`)', 1],
  ['round(`3.14159`, `2`)', 3.14],
  ['round(`1e308`, `10`)', Infinity],
  ['divide(`1e308`, `0.1`)', Infinity],
])('evaluates %s', (expression, expected) => {
  expect(search(expression, null)).toEqual(expected)
})

test.each([
  ['sum(`[]`)', 'value'],
  ['sum(`[1, "1"]`)', 'type'],
  ['round(`1`, `0.5`)', 'value'],
  ['round(`1`, `-1`)', 'value'],
  ['round(`"1"`, `0`)', 'type'],
])('%s fails with an error of kind %s', (expression, kind) => {
  expect(() => search(expression, null)).toThrow(expect.objectContaining({ kind }))
})
