import { describe, expect, test } from 'vitest'
import type { Json } from '@verify-images/primitives'
import type { ConditionPurpose } from '../operators/evaluate-operator.ts'
import { createQueryContext } from '../query-context.ts'
import { evaluateAttestationConditions } from './attestation-conditions.ts'
import { evaluateConditions, type ConditionOptions } from './evaluate-conditions.ts'

const context = createQueryContext({ nothing: null, map: { a: 1 }, star: '*', text: 'a' })
const condition = (key: Json, operator: string, value: Json): Json => ({ any: [{ key, operator, value }] })
const difference = (conditions: Json, options: ConditionOptions): unknown =>
  evaluateConditions(conditions, context, options).difference

describe('values that deny only because they cannot be compared', () => {
  test.each<[string, Json]>([
    ['null', condition('{{ nothing }}', 'Equals', 'b')],
    ['a map', condition('{{ map }}', 'Equals', 'b')],
    ['a string that is not a number', condition('{{ text }}', 'GreaterThan', 5)],
  ])('a deny condition that holds because values cannot be compared reports a difference: %s', (_, conditions) => {
    expect(evaluateConditions(conditions, context, { purpose: 'deny' })).toMatchObject({
      holds: true,
      difference: 'uncomparable',
    })
    expect(evaluateConditions(conditions, context, { purpose: 'deny', compatibility: 'kyverno' })).toEqual({
      holds: false,
      message: '',
    })
  })

  test('a deny condition that holds in Kyverno as well reports no difference', () => {
    expect(difference(condition('{{ text }}', 'Equals', 'a'), { purpose: 'deny' })).toBeUndefined()
  })
})

describe('data that Kyverno treats as a pattern', () => {
  test.each<[ConditionPurpose, boolean, string]>([
    ['allow', false, 'AnyIn'],
    ['deny', true, 'AnyNotIn'],
  ])(
    'data that Kyverno treats as a pattern is reported as a difference under the purpose %s',
    (purpose, holds, operator) => {
      expect(evaluateConditions(condition('{{ star }}', operator, ['a', 'b']), context, { purpose })).toMatchObject({
        holds,
        difference: 'pattern',
      })
    },
  )

  test('data that Kyverno treats as a pattern is reported as a difference in attestation conditions', () => {
    expect(evaluateAttestationConditions([condition('{{ star }}', 'AnyIn', ['a'])], context)).toMatchObject({
      holds: false,
      difference: 'pattern',
    })
    const plain = evaluateAttestationConditions([condition('{{ text }}', 'AnyIn', ['b'])], context)
    expect(plain).toMatchObject({ holds: false, message: '' })
    expect(plain).not.toHaveProperty('difference')
  })
})

test('a difference that did not decide the result is not reported', () => {
  expect(
    evaluateConditions(
      {
        all: [
          { key: '{{ nothing }}', operator: 'Equals', value: 'b' },
          { key: 'a', operator: 'Equals', value: 'b' },
        ],
      },
      context,
      { purpose: 'deny' },
    ),
  ).toEqual({ holds: false, message: '' })
})
