import { ConditionError } from './condition-error.ts'
import type { QueryContext } from './query-context.ts'

/** @throws ConditionError CONDITION_OPTIONS_INVALID for what can not be asked */
export function checkContext(context: QueryContext): void {
  const query: unknown = isObject(context) ? context.query : undefined
  if (typeof query !== 'function') throw optionsInvalid('the context must have a function `query`, as that of createQueryContext has')
}

/** @throws ConditionError CONDITION_OPTIONS_INVALID for options that are no object */
export function checkOptions(options: object): void {
  if (!isObject(options)) throw optionsInvalid('the options must be an object')
}

/** A fault of the caller, which no policy and no data can bring about. */
export function optionsInvalid(message: string): ConditionError {
  return new ConditionError('CONDITION_OPTIONS_INVALID', 'value', message)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
