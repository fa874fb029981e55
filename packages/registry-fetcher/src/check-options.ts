import { findOptionFault, findValueFault, withMethods } from '@verify-images/primitives'
import type { OptionFault, OptionKind, OptionTable } from '@verify-images/primitives'

import { RegistryError } from './registry-error.ts'

export const aProvider: OptionKind = withMethods('a credential provider', 'credentialFor')

/**
 * @param path such as `hosts.r.test`; empty for the options themselves
 * @throws RegistryError `REGISTRY_OPTIONS_INVALID`
 */
export function checkOptions<Options>(options: unknown, table: OptionTable<Options>, path: string = ''): void {
  refuse(findOptionFault(options, table, { path }))
}

/** @throws RegistryError `REGISTRY_OPTIONS_INVALID` */
export function checkValue(value: unknown, kind: OptionKind, path: string): void {
  refuse(findValueFault(value, kind, path))
}

export function invalid(message: string, cause?: unknown): RegistryError {
  return new RegistryError('REGISTRY_OPTIONS_INVALID', message, cause === undefined ? {} : { cause })
}

function refuse(fault: OptionFault | undefined): void {
  if (fault !== undefined) throw invalid(`\`${fault.path}\`: ${fault.problem}`)
}
