import { findOptionFault } from '@verify-images/options'
import type { OptionTable } from '@verify-images/options'
import { NotaryError } from './notary-error.ts'

/** @throws NotaryError NOTARY_OPTIONS_INVALID */
export function checkOptions<Options>(options: unknown, table: OptionTable<Options>, where: Parameters<typeof findOptionFault<Options>>[2] = {}): void {
  const fault = findOptionFault(options, table, where)
  if (fault !== undefined) throw new NotaryError('NOTARY_OPTIONS_INVALID', fault.path, fault.problem)
}
