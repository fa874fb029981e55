import {
  findOptionFault,
  findValueFault,
  type OptionFault,
  type OptionKind,
  type OptionTable,
} from '@verify-images/primitives'

/**
 * Rejects options that do not exist: a misspelt flaw would leave the signature intact, and the test would pass for the
 * wrong reason.
 *
 * @throws RangeError
 */
export function checkOptions<Options>(
  options: unknown,
  table: OptionTable<Options>,
  place: { readonly path?: string; readonly required?: readonly (keyof Options)[] } = {},
): asserts options is Options {
  reject(findOptionFault(options, table, place))
}

/** @throws RangeError */
export function checkValue(value: unknown, kind: OptionKind, name: string): void {
  reject(findValueFault(value, kind, name))
}

/** A string that names something, so it must not be empty. */
export const aName: OptionKind = {
  expected: 'a non-empty string',
  fits: (value) => typeof value === 'string' && value !== '',
}

/** Any value that JSON can represent at its top level; `undefined` is not one. */
export const aJsonValue: OptionKind = {
  expected: 'a JSON value',
  fits: (value) => {
    try {
      return JSON.stringify(value) !== undefined
    } catch {
      // A bigint or a cycle.
      return false
    }
  },
}

function reject(fault: OptionFault | undefined): void {
  if (fault !== undefined) throw new RangeError(`\`${fault.path}\`: ${fault.problem}`)
}
