import type { RegistryCode, RegistryDetail } from '@verify-images/primitives'

export type RegistryErrorCode = RegistryCode

export interface RegistryErrorDetails {
  /** The HTTP status, if there was an answer. */
  readonly status?: number | undefined
  /** The facts behind the message, for a presenter with words of its own. */
  readonly detail?: RegistryDetail | undefined
  /** What was being fetched: `host/path:tag`, `host/path@digest`. */
  readonly place?: string | undefined
  readonly cause?: unknown
}

/**
 * Thrown when something could not be fetched from a registry, or when its answer was refused. "There is no such
 * manifest" is a value, not this error.
 */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: RegistryErrorCode
  readonly status: number | undefined
  /** What was being fetched: `host/path:tag`, `host/path@digest`; undefined when the error is about no repository. */
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

/** Returns the same error with the place in front of its message. */
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
