import { ConditionError } from '../condition-error.ts'
import type { ConditionErrorKind } from '../condition-error.ts'
import { LIMITS } from '../limits.ts'
import type { EngineOptions } from './engine-options.ts'
import { isList } from './value.ts'
import type { Value } from './value.ts'
import type { WorkMeter } from './work-meter.ts'

/** One evaluation: what it may use up, and what it may ask the world for. */
export class Evaluation {
  readonly meter: WorkMeter
  readonly options: EngineOptions
  /**
   * Whether a value that is not plain JSON was made: a Go integer, a list of maps, a reference, or a text that holds
   * bytes which are no Unicode. Only then the result has to be converted.
   */
  madeOpaque = false
  /**
   * Whether a list or object was made. It may hold one value many times over, and so be far larger for whoever walks it
   * than it is in memory.
   */
  built = false
  /** Lists that `sort_by` has sorted, which the original does in place: whoever reads the list later sees it sorted. */
  #sorted: Map<readonly Value[], Value[]> | undefined

  constructor(meter: WorkMeter, options: EngineOptions) {
    this.meter = meter
    this.options = options
  }

  /** The value as it is by now. */
  latest(value: Value): Value {
    return this.#sorted !== undefined && isList(value) ? (this.#sorted.get(value) ?? value) : value
  }

  /** Puts a list in a new order for the rest of this evaluation; the data itself is left alone. */
  reorder(list: readonly Value[], ordered: readonly Value[]): void {
    this.#sorted ??= new Map()
    const own = this.#sorted.get(list) ?? [...list]
    for (const [index, item] of ordered.entries()) own[index] = item
    // Sorting the sorted list again sorts the one list there is.
    this.#sorted.set(list, own).set(own, own)
  }
}

/** An error at evaluation; `message` is the original's text. */
export function evaluationError(kind: ConditionErrorKind, message: string): ConditionError {
  return new ConditionError('CONDITION_EVALUATION_FAILED', kind, message)
}

const CRASHES = new WeakSet<ConditionError>()

/** An error at evaluation where the original does not return one but panics, so that nothing in the expression can pass over it. */
export function evaluationCrash(kind: ConditionErrorKind, message: string): ConditionError {
  const crash = evaluationError(kind, message)
  CRASHES.add(crash)
  return crash
}

/** Whether nothing in an expression may pass over this error. */
export function endsEvaluation(error: unknown): boolean {
  return !(error instanceof ConditionError) || error.kind === 'limit' || CRASHES.has(error)
}

export function tooDeep(): ConditionError {
  return new ConditionError('CONDITION_LIMIT_EXCEEDED', 'limit', `a value nests deeper than ${LIMITS.valueDepth}`)
}
