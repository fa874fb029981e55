import type { RegistryCode, RegistryDetail } from '@verify-images/primitives'

export type RegistryErrorCode = RegistryCode

export interface RegistryErrorDetails {
  /** The HTTP status, where there was an answer. */
  readonly status?: number | undefined
  /** The facts behind the message, for whoever words it otherwise. */
  readonly detail?: RegistryDetail | undefined
  /** What was being read: `host/path:tag`, `host/path@digest`. */
  readonly place?: string | undefined
  readonly cause?: unknown
}

/**
 * Why a registry could not be looked at, or why its answer was not taken. "There is no such manifest" is a value, not
 * this error.
 */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: RegistryErrorCode
  readonly status: number | undefined
  /** What was being read: `host/path:tag`, `host/path@digest`; absent where no repository is concerned. */
  readonly place: string | undefined
  readonly detail: RegistryDetail | undefined

  constructor(code: RegistryErrorCode, message: string, details: RegistryErrorDetails = {}) {
    super(
      details.place === undefined ? message : `\`${details.place}\`: ${message}`,
      'cause' in details ? { cause: details.cause } : {},
    )
    this.code = code
    this.status = details.status
    this.place = details.place
    this.detail = details.detail
  }
}

/** The same error, saying also what was being read. */
export function atPlace(error: RegistryError, place: string): RegistryError {
  if (error.place !== undefined) return error
  const { code, message, status, detail, cause } = error
  return new RegistryError(code, message, {
    status,
    detail,
    place,
    ...(cause === undefined ? {} : { cause }),
  })
}
