import { expect, test } from 'vitest'
import { ConditionError } from './condition-error.ts'
import { createExpressionCache } from './expression/expression-cache.ts'
import { createQueryContext } from './query-context.ts'

const context = createQueryContext({ a: { b: 1 } })

test('evaluates a query with white space around it', () => {
  expect(context.query(' \t\u00a0a.b\u0085\n')).toBe(1)
})

test.each([
  ['', 'CONDITION_EXPRESSION_INVALID', 'syntax', 'invalid query (nil)'],
  [' \n ', 'CONDITION_EXPRESSION_INVALID', 'syntax', 'invalid query (nil)'],
  [
    ' a. ',
    'CONDITION_EXPRESSION_INVALID',
    'syntax',
    'incorrect query a.: SyntaxError: Expected identifier, lbracket, or lbrace',
  ],
  ['a.x', 'CONDITION_VARIABLE_UNRESOLVED', 'not-found', 'JMESPath query failed: Unknown key "x" in path'],
  ['x(a)', 'CONDITION_EVALUATION_FAILED', 'unknown-function', 'JMESPath query failed: unknown function: x'],
  [
    "to_boolean('x')",
    'CONDITION_EVALUATION_FAILED',
    'value',
    "JMESPath query failed: JMESPath function 'to_boolean': lowercase argument must be 'true' or 'false' " +
      "(provided: 'x')",
  ],
])('%j fails with the message of Kyverno', (expression, code, kind, message) => {
  expect(() => context.query(expression)).toThrow(
    expect.objectContaining({ name: 'ConditionError', code, kind, message }),
  )
})

test('all queries of a context share one budget', () => {
  const list = { l: Array.from({ length: 100 }, () => 1) }
  const spend = (queries: number): number => {
    const { query } = createQueryContext(list, { budget: { steps: 1_000 } })
    let answered = 0
    for (; answered < queries; answered++) query('l[*].[@]')
    return answered
  }
  expect(spend(2)).toBe(2)
  expect(() => spend(100)).toThrow(expect.objectContaining({ code: 'CONDITION_LIMIT_EXCEEDED' }))
})

test('rethrows a foreign error of an injected function unchanged', () => {
  const fault = new TypeError('the clock is broken')
  const { query } = createQueryContext(
    {},
    {
      now: () => {
        throw fault
      },
    },
  )
  expect(() => query('time_now()')).toThrow(fault)
})

test('compiles with the cache of its options', () => {
  const expressions = createExpressionCache()
  expect(createQueryContext({ a: 1 }, { expressions }).query('a')).toBe(1)
  expect(expressions.get('a')).toBe(expressions.get('a'))
})

test('keeps the original error as the cause', () => {
  try {
    context.query('a.x')
    expect.unreachable()
  } catch (error) {
    expect(error instanceof ConditionError && error.cause).toBeInstanceOf(ConditionError)
  }
})
