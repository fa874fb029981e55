export type RegistryErrorCode =
  | 'REGISTRY_ABORTED'
  | 'REGISTRY_ADDRESS_REFUSED'
  | 'REGISTRY_CREDENTIALS_INVALID'
  | 'REGISTRY_DIGEST_MISMATCH'
  | 'REGISTRY_LIMIT_EXCEEDED'
  | 'REGISTRY_MANIFEST_AMBIGUOUS'
  | 'REGISTRY_MANIFEST_INVALID'
  | 'REGISTRY_NOT_FOUND'
  | 'REGISTRY_OPTIONS_INVALID'
  | 'REGISTRY_RATE_LIMITED'
  | 'REGISTRY_REALM_REFUSED'
  | 'REGISTRY_REDIRECT_REFUSED'
  | 'REGISTRY_REFERENCE_INVALID'
  | 'REGISTRY_REQUEST_REFUSED'
  | 'REGISTRY_RESPONSE_INVALID'
  | 'REGISTRY_RESPONSE_TOO_LARGE'
  | 'REGISTRY_SIZE_MISMATCH'
  | 'REGISTRY_TIMEOUT'
  | 'REGISTRY_TLS_INVALID'
  | 'REGISTRY_UNAUTHORIZED'
  | 'REGISTRY_UNAVAILABLE'

export interface RegistryErrorDetails {
  /** The HTTP status, where there was an answer. */
  readonly status?: number | undefined
  /** The fault in go-containerregistry's words. Without it, `message` stands in: upstream has no such fault. */
  readonly upstreamText?: string
  readonly networkFault?: boolean
  /** What was being read: `host/path:tag`, `host/path@digest`. */
  readonly place?: string | undefined
  readonly cause?: unknown
}

/**
 * Why a registry could not be looked at, or why its answer was not taken. "There is no such manifest" is a value, not
 * this error.
 *
 * `networkFault` is true where Go's libraries see a network operation error: refused or reset connections, names that
 * do not resolve, a dial timeout, a TLS alert of the peer. HTTP answers and certificates we refuse are none.
 */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: RegistryErrorCode
  readonly status: number | undefined
  /** What was being read: `host/path:tag`, `host/path@digest`; absent where no repository is concerned. */
  readonly place: string | undefined
  readonly upstreamText: string
  readonly networkFault: boolean

  constructor(code: RegistryErrorCode, message: string, details: RegistryErrorDetails = {}) {
    super(
      details.place === undefined ? message : `\`${details.place}\`: ${message}`,
      'cause' in details ? { cause: details.cause } : {},
    )
    this.code = code
    this.status = details.status
    this.place = details.place
    this.upstreamText = details.upstreamText ?? message
    this.networkFault = details.networkFault ?? false
  }
}

/** The same error, saying also what was being read. */
export function atPlace(error: RegistryError, place: string): RegistryError {
  if (error.place !== undefined) return error
  const { code, message, status, upstreamText, networkFault, cause } = error
  return new RegistryError(code, message, {
    status,
    upstreamText,
    networkFault,
    place,
    ...(cause === undefined ? {} : { cause }),
  })
}
