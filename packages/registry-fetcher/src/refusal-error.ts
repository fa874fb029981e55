import { RegistryError } from './registry-error.ts'
import type { RegistryErrorCode } from './registry-error.ts'
import type { Refusal } from './send.ts'

const CODES: ReadonlyMap<number, RegistryErrorCode> = new Map([
  [401, 'REGISTRY_UNAUTHORIZED'],
  [403, 'REGISTRY_UNAUTHORIZED'],
  [404, 'REGISTRY_NOT_FOUND'],
  [408, 'REGISTRY_TIMEOUT'],
  [429, 'REGISTRY_RATE_LIMITED'],
  [504, 'REGISTRY_TIMEOUT'],
])

/** The error for an answer other than 200. An HTTP answer is never a fault of the network, whatever it says. */
export function refusalError({ detail }: Refusal, who: string): RegistryError {
  const { status } = detail
  const code =
    CODES.get(status) ??
    (status >= 500 ? 'REGISTRY_UNAVAILABLE' : status >= 400 ? 'REGISTRY_REQUEST_REFUSED' : 'REGISTRY_RESPONSE_INVALID')
  return new RegistryError(code, `${who} answered with status ${status}`, { status, detail })
}
