import { optionChecker, withMethods, type CheckOptions } from '@verify-images/primitives'
import { ConditionError } from './condition-error.ts'
import type { QueryContext } from './query-context.ts'

const aContext = withMethods('a context', 'query')

/** @throws ConditionError CONDITION_OPTIONS_INVALID for a context without a function `query` */
export function checkContext(context: QueryContext): void {
  if (!aContext.fits(context))
    throw optionsInvalid(
      'invalid context: expected an object with a function `query`, such as createQueryContext returns',
    )
}

/** @throws ConditionError CONDITION_OPTIONS_INVALID */
export const checkOptions: CheckOptions = optionChecker(optionsInvalid)

/** Creates the error for an invalid argument, which only the caller can cause, never a policy or data. */
export function optionsInvalid(message: string): ConditionError {
  return new ConditionError('CONDITION_OPTIONS_INVALID', 'value', message)
}

/** Names the type of a value for an error message: `a string`, `an array`, `null`. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
