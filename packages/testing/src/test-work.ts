import { createEvaluationBudget, type BudgetLimits, type EvaluationBudget } from '@verify-images/primitives'

/** What checks of an evaluation count against, and what ends them. */
interface TestWork {
  readonly signal: AbortSignal
  readonly budget: EvaluationBudget
  readonly by: string
}

/** Returns the work of one check in a test: a signal that is not aborted, and a budget of its own. */
export function testWork(
  limits: Partial<BudgetLimits> = {},
  signal: AbortSignal = new AbortController().signal,
): TestWork {
  return { signal, budget: createEvaluationBudget(limits), by: 'registry.test/app' }
}
