import { findOptionFault, withMethods, type OptionTable } from '@verify-images/primitives'
import { ConditionError } from './condition-error.ts'
import type { QueryContext } from './query-context.ts'

const aContext = withMethods('a context', 'query')

/** @throws ConditionError CONDITION_OPTIONS_INVALID for what cannot be asked */
export function checkContext(context: QueryContext): void {
  if (!aContext.fits(context))
    throw optionsInvalid('the context must have a function `query`, as that of createQueryContext has')
}

/** @throws ConditionError CONDITION_OPTIONS_INVALID */
export function checkOptions<Options>(options: Options, table: OptionTable<Options>): void {
  const fault = findOptionFault(options, table)
  if (fault !== undefined) throw optionsInvalid(`\`${fault.path}\`: ${fault.problem}`)
}

/** A fault of the caller, which no policy and no data can bring about. */
export function optionsInvalid(message: string): ConditionError {
  return new ConditionError('CONDITION_OPTIONS_INVALID', 'value', message)
}
