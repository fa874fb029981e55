import { expect, test } from 'vitest'
import { createEvaluationBudget, DEFAULT_BUDGET } from './evaluation-budget.ts'
import { failureOf } from './reasons/failure.ts'

const errorOf = (work: () => void): unknown => {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('expected an error')
}

test('lets the whole budget be spent, and names the largest spender when it is exceeded', () => {
  const budget = createEvaluationBudget({ signatures: 10 })
  budget.spend('signatures', 3, 'registry.test/a')
  budget.spend('signatures', 7, 'registry.test/b')
  expect(budget.spent()).toMatchObject({ signatures: 10, requests: 0 })
  expect(errorOf(() => budget.spend('signatures', 2, 'registry.test/a'))).toMatchObject({
    code: 'ATTESTOR_BUDGET_EXCEEDED',
    message: 'the evaluation exceeds its limit of 10 signatures: 7 of 12 for registry.test/b',
    details: { expected: 'at most 10 signatures', actual: '12 signatures' },
  })
})

test('stays exceeded', () => {
  const budget = createEvaluationBudget({ bytes: 1 })
  expect(() => budget.spend('bytes', 2, 'a')).toThrow('limit of 1 bytes')
  expect(() => budget.spend('bytes', 0, 'b')).toThrow('limit of 1 bytes')
})

test('counts each budget apart, with the documented defaults', () => {
  const budget = createEvaluationBudget()
  budget.spend('requests', DEFAULT_BUDGET.requests, 'a')
  budget.spend('conditions', DEFAULT_BUDGET.conditions, 'a')
  expect(() => budget.spend('requests', 1, 'a')).toThrow('5000 requests')
})

test('an exceeded budget is inconclusive', () => {
  const error = errorOf(() => createEvaluationBudget({ tokens: 0 }).spend('tokens', 1, 'a'))
  expect(failureOf(error, {}, new AbortController().signal)).toMatchObject({ kind: 'reason', inconclusive: true })
})

test('keeps a bounded number of names', () => {
  const budget = createEvaluationBudget({ requests: 100_000 })
  for (let i = 0; i < 3_000; i++) budget.spend('requests', 1, `repository-${String(i)}`)
  expect(errorOf(() => budget.spend('requests', 100_000, 'late'))).toMatchObject({
    message: expect.stringContaining('102000 of 103000 for others'),
  })
})
