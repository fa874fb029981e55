import { findOptionFault } from '@verify-images/primitives'
import type { OptionPlace, OptionTable } from '@verify-images/primitives'
import { NotaryError } from './notary-error.ts'

/** @throws NotaryError NOTARY_OPTIONS_INVALID */
export function checkOptions<Options>(
  options: unknown,
  table: OptionTable<Options>,
  place: OptionPlace<Options> = {},
): void {
  const fault = findOptionFault(options, table, place)
  if (fault !== undefined) throw new NotaryError('NOTARY_OPTIONS_INVALID', fault.path, fault.problem)
}
