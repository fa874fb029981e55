import { type CheckOptions, optionChecker } from '@verify-images/primitives'

/** Codes of this package; see docs/errors.md. */
export const kubernetesCodes = [
  'KUBERNETES_OPTIONS_INVALID',
  'KUBERNETES_REQUEST_FAILED',
  'KUBERNETES_ANSWER_INVALID',
  'KUBERNETES_CALL_REFUSED',
  'KUBERNETES_STALE',
  'KUBERNETES_POLICIES_UNREADABLE',
] as const

export type KubernetesErrorCode = (typeof kubernetesCodes)[number]

interface Details {
  readonly cause?: unknown
  /** The HTTP status of the API server. */
  readonly status?: number
}

/** Thrown for invalid options, and for what could not be read from the API server or a folder. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError'
  readonly code: KubernetesErrorCode
  readonly status?: number

  constructor(code: KubernetesErrorCode, message: string, { cause, status }: Details = {}) {
    super(message, cause === undefined ? {} : { cause })
    this.code = code
    if (status !== undefined) this.status = status
  }
}

/** @throws KubernetesError KUBERNETES_OPTIONS_INVALID */
export const checkOptions: CheckOptions = optionChecker(
  (message) => new KubernetesError('KUBERNETES_OPTIONS_INVALID', message),
)
