import {
  findOptionFault,
  findValueFault,
  type OptionFault,
  type OptionKind,
  type OptionTable,
} from '@verify-images/primitives'

/**
 * Refuses options that there are not: misspelt, one would leave a signature without its flaw, and a test would say something
 * about another image than it names.
 *
 * @throws RangeError
 */
export function checkOptions<Options>(
  options: unknown,
  table: OptionTable<Options>,
  place: { readonly path?: string; readonly required?: readonly (keyof Options)[] } = {},
): void {
  refuse(findOptionFault(options, table, place))
}

/** @throws RangeError */
export function checkValue(value: unknown, kind: OptionKind, name: string): void {
  refuse(findValueFault(value, kind, name))
}

function refuse(fault: OptionFault | undefined): void {
  if (fault !== undefined) throw new RangeError(`\`${fault.path}\` ${fault.problem}`)
}
