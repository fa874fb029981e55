import { findOptionFault, type OptionPlace, type OptionTable } from '@verify-images/primitives'
import { VerifierError } from './verifier-error.ts'

/** @throws VerifierError VERIFIER_OPTIONS_INVALID */
export function checkOptions<Options>(
  options: unknown,
  table: OptionTable<Options>,
  place: OptionPlace<Options> = {},
): void {
  const fault = findOptionFault(options, table, place)
  if (fault !== undefined) throw new VerifierError('VERIFIER_OPTIONS_INVALID', `\`${fault.path}\`: ${fault.problem}`)
}
