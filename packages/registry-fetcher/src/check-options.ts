import { optionChecker, valueChecker, withMethods } from '@verify-images/primitives'
import type { CheckOptions, CheckValue, OptionKind } from '@verify-images/primitives'

import { RegistryError } from './registry-error.ts'

export const aProvider: OptionKind = withMethods('a credential provider', 'credentialFor')

/** @throws RegistryError `REGISTRY_OPTIONS_INVALID` */
export const checkOptions: CheckOptions = optionChecker((message) => invalid(message))

/** @throws RegistryError `REGISTRY_OPTIONS_INVALID` */
export const checkValue: CheckValue = valueChecker((message) => invalid(message))

export function invalid(message: string, cause?: unknown): RegistryError {
  return new RegistryError('REGISTRY_OPTIONS_INVALID', message, cause === undefined ? {} : { cause })
}
