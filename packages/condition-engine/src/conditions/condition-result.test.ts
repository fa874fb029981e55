import { expect, test } from 'vitest'
import { createQueryContext } from '../query-context.ts'
import { evaluateAttestationConditions } from './attestation-conditions.ts'
import type { DecisiveCondition } from './condition-result.ts'
import { evaluateConditions, type ConditionOptions } from './evaluate-conditions.ts'

const context = createQueryContext({
  scan: { critical: 3, names: ['a', 'b'], deep: { a: { b: { c: 1 } } } },
  long: Array.from({ length: 5000 }, (_, i) => i),
  text: `x\n\u202e${'y'.repeat(1000)}`,
  wide: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${String(i)}`, i])),
})
const decisive = (
  key: string,
  operator: string,
  value: string | number | readonly string[],
  options?: ConditionOptions,
): DecisiveCondition | undefined => evaluateConditions({ all: [{ key, operator, value }] }, context, options).decisive

test('the result names the condition that did not hold, with the expected and the actual value', () => {
  expect(decisive('{{ scan.critical }}', 'Equals', 0)).toEqual({
    key: '{{ scan.critical }}',
    operator: 'Equals',
    value: '0',
    found: '3',
  })
  expect(decisive('{{ scan.names }}', 'AnyIn', ['c'])).toMatchObject({ value: '["c"]', found: '["a","b"]' })
})

test('the result names the condition that held under the purpose `deny`', () => {
  expect(decisive('{{ scan.critical }}', 'GreaterThan', 0, { purpose: 'deny' })).toMatchObject({ found: '3' })
  expect(decisive('{{ scan.critical }}', 'GreaterThan', 5, { purpose: 'deny' })).toBeUndefined()
})

test('the result names no condition if all hold', () => {
  expect(decisive('{{ scan.critical }}', 'Equals', 3)).toBeUndefined()
})

test('the result has the value with its variables resolved', () => {
  expect(decisive('5', 'Equals', '{{ scan.critical }}')).toMatchObject({ key: '5', value: '3', found: '"5"' })
})

test('the result of attestation conditions has the expression of the policy as the key', () => {
  const list = [{ all: [{ key: '{{ scan.critical }}', operator: 'Equals', value: 0 }] }]
  expect(evaluateAttestationConditions(list, context).decisive).toMatchObject({
    key: '{{ scan.critical }}',
    found: '3',
  })
})

test('the result shows attested data shortened and on one line', () => {
  expect(decisive('{{ long }}', 'AnyIn', ['x'])?.found).toBe('<array of 5000>')
  expect(decisive('{{ wide }}', 'Equals', 'x')?.found).toBe('<object of 50>')
  expect(decisive('{{ scan.deep }}', 'Equals', 'x')?.found).toBe('{"a":{"b":<object of 1>}}')
  const found = decisive('{{ text }}', 'Equals', 'x')?.found ?? ''
  expect(found.length).toBeLessThanOrEqual(201)
  expect(found).not.toMatch(/[\n\u202e]/)
})
