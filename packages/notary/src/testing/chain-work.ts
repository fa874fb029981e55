import { type BudgetLimits, createEvaluationBudget } from '@verify-images/primitives'
import type { Work } from '@verify-images/x509'

/** What a check of a test counts against: a budget of its own, with the default limits. */
export function chainWork(limits: Partial<BudgetLimits> = {}, signal: AbortSignal = AbortSignal.timeout(30_000)): Work {
  return { signal, budget: createEvaluationBudget(limits), by: 'registry.test/app@sha256:0' }
}
