import { type EvaluationBudget, yieldIfDue } from '@verify-images/primitives'

/** The budget that the next operation of a check counts against. */
export type Step = 'certificates' | 'signatures'

/** A check that stops before each public-key operation. */
export type Steps<Result> = Generator<Step, Result, void>

/** What a check of an evaluation counts against, and what ends it. */
export interface Work {
  readonly signal: AbortSignal
  readonly budget: EvaluationBudget
  /** What the work is for: the budget's error names the largest. */
  readonly by: string
}

/** Runs a check without a pause. */
export function runToEnd<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const next = steps.next()
    if (next.done === true) return next.value
  }
}

/**
 * Runs a check, counts each operation before it is made, and lets the event loop turn between two when that is due.
 *
 * @throws CheckError ATTESTOR_BUDGET_EXCEEDED; the reason of the signal, when it was aborted
 */
export async function runInSlices<Result>(steps: Steps<Result>, { signal, budget, by }: Work): Promise<Result> {
  for (;;) {
    const next = steps.next()
    if (next.done === true) return next.value
    budget.spend(next.value, 1, by)
    await yieldIfDue(signal)
  }
}
