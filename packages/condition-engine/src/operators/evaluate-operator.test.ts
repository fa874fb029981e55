import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '@verify-images/primitives'
import { evaluateOperator, type ConditionPurpose, type OperatorOptions } from './evaluate-operator.ts'

const KYVERNO: OperatorOptions = { compatibility: 'kyverno' }
const OPERATORS = [
  'Equal',
  'Equals',
  'NotEqual',
  'NotEquals',
  'In',
  'NotIn',
  'AnyIn',
  'AllIn',
  'AnyNotIn',
  'AllNotIn',
  'GreaterThan',
  'GreaterThanOrEquals',
  'LessThan',
  'LessThanOrEquals',
  'DurationGreaterThan',
  'DurationGreaterThanOrEquals',
  'DurationLessThan',
  'DurationLessThanOrEquals',
]

test.each<[Json, string, Json, boolean]>([
  ['1Gi', 'Equals', '1024Mi', true],
  ['1h', 'Equals', '60m', true],
  ['1h', 'Equals', 3600, true],
  ['ghcr.io/a', 'Equals', 'ghcr.io/*', true],
  ['ghcr.io/*', 'Equals', 'ghcr.io/a', false],
  ['123', 'Equals', '*', false],
  [3, 'Equals', '3.0', true],
  [true, 'NotEquals', 'true', true],
  [null, 'NotEquals', 'x', false],
  [[1, 2], 'Equals', [1, 2], true],
  [{ a: 1, b: 2 }, 'Equals', { b: 2, a: 1 }, true],
  ['1.10.0', 'GreaterThan', '1.2.3', true],
  ['v1.10.0', 'GreaterThan', '1.2.3', false],
  ['1Mi', 'LessThan', '1Gi', true],
  [90, 'GreaterThan', '1m', true],
  [5, 'greaterthan', 1, false],
  [5, 'equals', 5, true],
  ['1h', 'DurationGreaterThan', 3599, true],
  ['a', 'In', ['b', '*'], true],
  ['*', 'In', ['b'], true],
  ['a', 'In', '["a"]', true],
  ['a', 'NotIn', 'b', false],
  [['a'], 'NotIn', 'a', true],
  [['a', 'b'], 'In', ['a'], false],
  [['a', 'b'], 'AnyIn', ['a'], true],
  [['a', 'b'], 'AllIn', ['a'], false],
  [['a', 'b'], 'AnyNotIn', ['a'], true],
  [['a', 'b'], 'AllNotIn', ['a'], false],
  [[], 'AllIn', ['a'], true],
  [15, 'AnyIn', '10-20', true],
  [['15m', '3h'], 'AllIn', '1m-1h', false],
  ['5', 'AnyNotIn', '10-20', true],
  [['5', '15'], 'AnyNotIn', '10-20', true],
  [['15'], 'AnyNotIn', '10-20', false],
  [1_000_000, 'AnyIn', ['1000000'], false],
  [[1_000_000], 'AnyIn', ['1000000'], true],
])('with `compatibility: kyverno`, %j %s %j is %s', (key, operator, value, holds) => {
  expect(evaluateOperator(operator, key, value, KYVERNO)).toBe(holds)
})

test('rejects an unknown operator', () => {
  for (const name of ['', 'Has', 'constructor', '__proto__', 'toString']) {
    expect(() => evaluateOperator(name, 'a', 'a')).toThrow(
      expect.objectContaining({ code: 'CONDITION_OPERATOR_UNKNOWN' }),
    )
  }
})

test('names the unknown operator in the cause, because the message of Kyverno does not', () => {
  expect(() => evaluateOperator('Equls', 'a', 'a')).toThrow(
    expect.objectContaining({
      message: 'failed to create handler for condition operator: %!w(<nil>)',
      cause: new RangeError('unknown operator "Equls"'),
    }),
  )
})

test('treats undefined options as absent', () => {
  expect(
    evaluateOperator('In', '*', 'a', { compatibility: undefined, purpose: undefined, keyIsLiteral: undefined }),
  ).toBe(evaluateOperator('In', '*', 'a'))
})

test('rejects operators and options that TypeScript would reject', () => {
  for (const name of [undefined, null, 5, {}] as never[]) {
    expect(() => evaluateOperator(name, 'a', 'a')).toThrow(
      expect.objectContaining({ code: 'CONDITION_OPERATOR_UNKNOWN' }),
    )
  }
  for (const options of [null, { purpose: 'Deny' }, { purpose: '' }, { purpos: 'deny' }] as never[]) {
    expect(() => evaluateOperator('In', 'a', 'a', options)).toThrow(
      expect.objectContaining({ code: 'CONDITION_OPTIONS_INVALID' }),
    )
  }
})

test('rejects an array of anything but strings as key of In, where Kyverno panics', () => {
  expect(() => evaluateOperator('In', ['a', 1], ['a'])).toThrow(
    expect.objectContaining({ code: 'CONDITION_VALUE_INVALID' }),
  )
  expect(evaluateOperator('In', ['a'], ['a'])).toBe(true)
})

describe('data is a pattern only where a match is the stricter answer (S18)', () => {
  test.each<[Json, string, Json, ConditionPurpose, boolean, boolean]>([
    ['*', 'AnyIn', ['https://a', 'https://b'], 'allow', true, false],
    [['*'], 'AllIn', ['a'], 'allow', true, false],
    ['???', 'In', ['abc'], 'allow', true, false],
    ['*', 'AnyIn', ['a'], 'deny', true, true],
    ['*', 'AnyIn', ['a'], 'select', true, true],
    ['*', 'AllNotIn', ['evil'], 'allow', false, false],
    ['*', 'NotIn', ['a'], 'deny', false, true],
    [['*'], 'AnyNotIn', ['a'], 'deny', false, true],
    ['*', 'AnyNotIn', ['a'], 'select', false, true],
    ['abc', 'AnyIn', ['a*'], 'allow', true, true],
    ['*', 'AnyIn', ['*'], 'allow', true, true],
    ['15', 'AnyIn', '10-20', 'allow', true, true],
    ['1-99', 'AnyIn', ['5'], 'allow', false, false],
  ])(
    'data as a pattern: %j %s %j with the purpose %s is %s in Kyverno and %s here',
    (key, operator, value, purpose, kyverno, strict) => {
      expect(evaluateOperator(operator, key, value, { compatibility: 'kyverno', purpose })).toBe(kyverno)
      expect(evaluateOperator(operator, key, value, { purpose })).toBe(strict)
    },
  )

  test('a literal key is the pattern if the value is data', () => {
    const reversed = { keyIsLiteral: true, valueIsData: true }
    expect(evaluateOperator('AnyIn', 'ghcr.io/*', ['ghcr.io/a'], reversed)).toBe(true)
    expect(evaluateOperator('AnyIn', 'ghcr.io/a', ['*'], reversed)).toBe(false)
    expect(evaluateOperator('Equals', 'release', '*', reversed)).toBe(false)
    expect(evaluateOperator('Equals', 'release', '*', { keyIsLiteral: true })).toBe(true)
  })
})

describe('values that cannot be compared deny (S19):', () => {
  test.each(OPERATORS)('%s holds for a null key if the purpose is deny', (operator) => {
    expect(evaluateOperator(operator, null, ['low'], { purpose: 'deny' })).toBe(true)
    expect(evaluateOperator(operator, null, ['low'], { purpose: 'allow' })).toBe(false)
    expect(evaluateOperator(operator, null, ['low'], { purpose: 'select' })).toBe(false)
    expect(evaluateOperator(operator, null, ['low'], { purpose: 'deny', compatibility: 'kyverno' })).toBe(false)
  })

  test.each<[Json, string, Json]>([
    [{ a: 1 }, 'AnyNotIn', ['low']],
    [{ a: 1 }, 'AnyIn', ['low']],
    [[['high']], 'AnyIn', ['high']],
    ['9 ', 'GreaterThan', 5],
    ['9e400', 'GreaterThan', 5],
    ['NaN', 'GreaterThan', 5],
    [Number.NaN, 'LessThan', 5],
    [['9'], 'GreaterThan', 5],
    [true, 'GreaterThan', 0],
    ['high', 'greaterthan', 'low'],
    [true, 'Equals', 'true'],
    ['5', 'Equals', 5],
    [5, 'Equals', 'high'],
    ['123', 'Equals', '*'],
    ['a', 'AnyIn', null],
    ['a', 'AnyIn', '[1,2]'],
    ['a', 'NotIn', 'b'],
    ['abc', 'AnyIn', '10-20'],
    ['soon', 'DurationGreaterThan', '1h'],
  ])('%j %s %j holds if the purpose is deny', (key, operator, value) => {
    expect(evaluateOperator(operator, key, value, { purpose: 'deny' })).toBe(true)
    expect(evaluateOperator(operator, key, value, { purpose: 'deny', compatibility: 'kyverno' })).toBe(false)
    expect(evaluateOperator(operator, key, value, { purpose: 'allow' })).toBe(false)
  })

  test.each<[Json, string, Json]>([
    ['123', 'Equals', 'latest'],
    ['a', 'Equals', 'b'],
    [4, 'GreaterThan', 5],
    ['a', 'AnyIn', ['b']],
    ['a', 'In', 'b'],
    [[1], 'Equals', [2]],
    ['5', 'AnyIn', '10-20'],
  ])('comparable values that differ do not deny: %j %s %j', (key, operator, value) => {
    expect(evaluateOperator(operator, key, value, { purpose: 'deny' })).toBe(false)
  })
})

describe('the default is never laxer than Kyverno:', () => {
  const scalar = fc.oneof(
    fc.constantFrom<Json>(null, true, '*', '?', 'a', 'a*', '1', '1Gi', '1h', '10-20', '["a"]', '', 'null'),
    fc.integer({ min: -5, max: 5 }),
  )
  const operand: fc.Arbitrary<Json> = fc.oneof(
    scalar,
    fc.array(scalar, { maxLength: 3 }),
    fc.constantFrom<Json>({}, { a: 1 }, [['a']]),
  )
  const origins = fc.record({ keyIsLiteral: fc.boolean(), valueIsData: fc.boolean() })

  function outcome(operator: string, key: Json, value: Json, options: OperatorOptions): boolean | 'error' {
    try {
      return evaluateOperator(operator, key, value, options)
    } catch {
      return 'error'
    }
  }

  test('the default allows nothing that Kyverno does not, and denies and selects everything that Kyverno does', () => {
    fc.assert(
      fc.property(fc.constantFrom(...OPERATORS), operand, operand, origins, (operator, key, value, origin) => {
        const kyverno = outcome(operator, key, value, KYVERNO)
        if (kyverno !== true) expect(outcome(operator, key, value, { ...origin, purpose: 'allow' })).not.toBe(true)
        if (kyverno === true) expect(outcome(operator, key, value, { ...origin, purpose: 'deny' })).toBe(true)
        if (kyverno === true) expect(outcome(operator, key, value, { ...origin, purpose: 'select' })).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  test('negated operators give the opposite for comparable values', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (key, value) => {
        expect(evaluateOperator('AnyNotIn', key, value, KYVERNO)).toBe(!evaluateOperator('AnyIn', key, value, KYVERNO))
        expect(evaluateOperator('NotEquals', key, value[0] ?? '', KYVERNO)).toBe(
          !evaluateOperator('Equals', key, value[0] ?? '', KYVERNO),
        )
      }),
    )
  })
})

test('matches many wildcards against a long string without backtracking', () => {
  expect(evaluateOperator('AnyIn', 'a'.repeat(10_000), [`${'a*'.repeat(50)}b`])).toBe(false)
})
