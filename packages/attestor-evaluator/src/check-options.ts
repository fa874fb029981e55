import { findOptionFault, type OptionTable } from '@verify-images/primitives'
import { AttestorError } from './attestor-error.ts'

/** @throws AttestorError ATTESTOR_OPTIONS_INVALID */
export function checkOptions<Options>(
  options: unknown,
  table: OptionTable<Options>,
  required?: readonly (keyof Options)[],
): void {
  const fault = findOptionFault(options, table, required && { required })
  if (fault !== undefined) throw new AttestorError('ATTESTOR_OPTIONS_INVALID', `\`${fault.path}\`: ${fault.problem}`)
}
