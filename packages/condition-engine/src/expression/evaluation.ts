import { ConditionError } from '../condition-error.ts'
import type { ConditionErrorKind } from '../condition-error.ts'
import { LIMITS } from '../limits.ts'
import type { EngineOptions } from './engine-options.ts'
import { isArray } from './value.ts'
import type { Value } from './value.ts'
import type { WorkMeter } from './work-meter.ts'

/** The state of one evaluation: its budget and its options. */
export class Evaluation {
  readonly meter: WorkMeter
  readonly options: EngineOptions
  /**
   * Whether a value was made that is not plain JSON: a Go integer, a list of maps, a reference, or a string with bytes
   * that are not Unicode. Only then the result must be converted.
   */
  madeOpaque = false
  /**
   * Whether an array or object was made. It may contain the same value many times, and so be far larger when it is
   * walked than in memory.
   */
  built = false
  /** Arrays sorted by `sort_by`. The original sorts in place, so later reads see the sorted array. */
  #sorted: Map<readonly Value[], Value[]> | undefined

  constructor(meter: WorkMeter, options: EngineOptions) {
    this.meter = meter
    this.options = options
  }

  /** Returns the value in its current order. */
  latest(value: Value): Value {
    return this.#sorted !== undefined && isArray(value) ? (this.#sorted.get(value) ?? value) : value
  }

  /** Reorders an array for the rest of this evaluation. The caller's data is not changed. */
  reorder(list: readonly Value[], ordered: readonly Value[]): void {
    this.#sorted ??= new Map()
    const own = this.#sorted.get(list) ?? [...list]
    for (const [index, item] of ordered.entries()) own[index] = item
    // Sorting the sorted array again replaces the order of the original one.
    this.#sorted.set(list, own).set(own, own)
  }
}

/** Creates an evaluation error with the original's message. */
export function evaluationError(kind: ConditionErrorKind, message: string): ConditionError {
  return new ConditionError('CONDITION_EVALUATION_FAILED', kind, message)
}

const CRASHES = new WeakSet<ConditionError>()

/** Creates an error for which the original panics, so that nothing in the expression can ignore it. */
export function evaluationCrash(kind: ConditionErrorKind, message: string): ConditionError {
  const crash = evaluationError(kind, message)
  CRASHES.add(crash)
  return crash
}

/** Returns whether nothing in an expression may ignore this error. */
export function endsEvaluation(error: unknown): boolean {
  return !(error instanceof ConditionError) || error.kind === 'limit' || CRASHES.has(error)
}

export function tooDeep(): ConditionError {
  return new ConditionError(
    'CONDITION_LIMIT_EXCEEDED',
    'limit',
    `value of an expression: expected at most ${LIMITS.valueDepth} nested levels`,
  )
}
