import { type BudgetLimits, createEvaluationBudget } from '@verify-images/primitives'
import type { Work } from '@verify-images/x509'

/** What checks in tests count against: a budget of their own. */
export function testWork(limits: Partial<BudgetLimits> = {}): Work {
  return { signal: new AbortController().signal, budget: createEvaluationBudget(limits), by: 'registry.test/app' }
}
