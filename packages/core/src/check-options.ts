import { findOptionFault, type OptionTable } from '@verify-images/options'
import { VerifierError } from './verifier-error.ts'

/** @throws VerifierError VERIFIER_OPTIONS_INVALID */
export function checkOptions<Options>(options: unknown, table: OptionTable<Options>, where: Parameters<typeof findOptionFault<Options>>[2] = {}): void {
  const fault = findOptionFault(options, table, where)
  if (fault !== undefined) throw new VerifierError('VERIFIER_OPTIONS_INVALID', `\`${fault.path}\` ${fault.problem}`)
}
