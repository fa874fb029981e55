import { optionsInvalid } from '../check-arguments.ts'
import { ConditionError } from '../condition-error.ts'
import { LIMITS } from '../limits.ts'
import type { ExpressionBudget } from './engine-options.ts'

/**
 * Counts the work of an evaluation and stops it at its limit.
 *
 * Expressions have no loops, but they nest projections over arrays of untrusted size, and `join` and `replace_all`
 * multiply strings. Both are limited here before the work is done.
 */
export class WorkMeter {
  readonly #mostSteps: number
  readonly #mostProduced: number
  readonly #whole: WorkMeter | undefined
  #steps = 0
  #produced = 0

  /**
   * @throws ConditionError CONDITION_OPTIONS_INVALID
   * @param evaluations number of evaluations that share the meter
   * @param whole the meter of the larger run that this evaluation is part of; it counts, too
   */
  constructor(budget: ExpressionBudget = {}, evaluations = 1, whole?: WorkMeter) {
    this.#mostSteps = bound(budget.steps, LIMITS.evaluationSteps, LIMITS.workerSteps) * evaluations
    this.#mostProduced = bound(budget.producedLength, LIMITS.producedLength) * evaluations
    this.#whole = whole
  }

  /** @throws ConditionError CONDITION_LIMIT_EXCEEDED if fewer steps are left */
  charge(steps: number): void {
    this.#steps += steps
    if (this.#steps > this.#mostSteps) throw exceeded(`${this.#mostSteps} steps`)
    this.#whole?.charge(steps)
  }

  /** @throws ConditionError CONDITION_LIMIT_EXCEEDED if fewer characters or elements may still be built */
  produce(length: number): void {
    this.#produced += length
    if (this.#produced > this.#mostProduced) throw exceeded(`${this.#mostProduced} characters and array elements`)
    this.#whole?.produce(length)
  }
}

/** Comparisons with NaN are false, so such a budget would not limit anything. */
function bound(asked: number | undefined, usual: number, most: number = usual): number {
  if (asked === undefined) return usual
  if (typeof asked === 'number' && asked >= 0) return Math.min(asked, most)
  throw optionsInvalid(`invalid budget: expected a number of at least 0, got ${String(asked)}`)
}

function exceeded(limit: string): ConditionError {
  return new ConditionError(
    'CONDITION_LIMIT_EXCEEDED',
    'limit',
    `evaluation of an expression: expected at most ${limit}`,
  )
}
