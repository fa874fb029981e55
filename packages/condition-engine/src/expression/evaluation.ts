import { ConditionError } from '../condition-error.ts'
import type { ConditionErrorKind } from '../condition-error.ts'
import { LIMITS } from '../limits.ts'
import type { EngineOptions } from './engine-options.ts'
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

  constructor(meter: WorkMeter, options: EngineOptions) {
    this.meter = meter
    this.options = options
  }
}

/** An error at evaluation; `message` is the original's text. */
export function evaluationError(kind: ConditionErrorKind, message: string): ConditionError {
  return new ConditionError('CONDITION_EVALUATION_FAILED', kind, message)
}

export function tooDeep(): ConditionError {
  return new ConditionError('CONDITION_LIMIT_EXCEEDED', 'limit', `a value nests deeper than ${LIMITS.valueDepth}`)
}
