import { ConditionError } from './condition-error.ts'
import type { QueryContext } from './query-context.ts'

/** @throws ConditionError CONDITION_OPTIONS_INVALID for what cannot be asked */
export function checkContext(context: QueryContext): void {
  const query: unknown = isObject(context) ? context.query : undefined
  if (typeof query !== 'function') throw optionsInvalid('the context must have a function `query`, as that of createQueryContext has')
}

/** The name of each option there is: one that is forgotten does not compile. */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: true }

/**
 * Refuses a name that is no option: misspelt, it would leave its option at the default without a word.
 *
 * @throws ConditionError CONDITION_OPTIONS_INVALID
 */
export function checkOptions<Options extends object>(options: Options, names: OptionNames<Options>): void {
  if (!isObject(options)) throw optionsInvalid('the options must be an object')
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(names, name)) throw optionsInvalid(`\`${name.slice(0, 40)}\` is not an option, expected one of ${Object.keys(names).join(', ')}`)
  }
}

/** A fault of the caller, which no policy and no data can bring about. */
export function optionsInvalid(message: string): ConditionError {
  return new ConditionError('CONDITION_OPTIONS_INVALID', 'value', message)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
