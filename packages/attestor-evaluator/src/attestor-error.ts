import type { Reason } from './outcome.ts'

export type AttestorErrorCode =
  | 'ATTESTOR_NO_SIGNATURE'
  | 'ATTESTOR_SIGNATURE_INVALID'
  | 'ATTESTOR_PAYLOAD_INVALID'
  | 'ATTESTOR_PAYLOAD_MISMATCH'
  | 'ATTESTOR_IDENTITY_MISMATCH'
  | 'ATTESTOR_ANNOTATION_MISMATCH'
  | 'ATTESTOR_CERTIFICATE_INVALID'
  | 'ATTESTOR_CERTIFICATE_UNTRUSTED'
  | 'ATTESTOR_CERTIFICATE_EXPIRED'
  | 'ATTESTOR_CERTIFICATE_REVOKED'
  | 'ATTESTOR_SIGNATURE_EXPIRED'
  | 'ATTESTOR_SCT_INVALID'
  | 'ATTESTOR_LOG_ENTRY_MISSING'
  | 'ATTESTOR_LOG_ENTRY_INVALID'
  | 'ATTESTOR_TIMESTAMP_MISSING'
  | 'ATTESTOR_TIMESTAMP_INVALID'
  | 'ATTESTOR_BUNDLE_INVALID'
  | 'ATTESTOR_STATEMENT_MISSING'
  | 'ATTESTOR_CONDITION_NOT_MET'
  | 'ATTESTOR_DUPLICATE_SIGNER'
  | 'ATTESTOR_SET_INVALID'
  | 'ATTESTOR_POLICY_INVALID'
  | 'ATTESTOR_LIMIT_EXCEEDED'
  | 'ATTESTOR_IMAGE_NOT_FOUND'
  | 'ATTESTOR_SOURCE_UNAVAILABLE'
  | 'ATTESTOR_KEY_UNAVAILABLE'
  | 'ATTESTOR_TRUST_UNAVAILABLE'
  | 'ATTESTOR_REVOCATION_UNKNOWN'
  | 'ATTESTOR_CONDITION_FAILED'
  | 'ATTESTOR_OPTIONS_INVALID'

/** Codes that mean "could not be told". */
const doubts: ReadonlySet<string> = new Set<AttestorErrorCode>([
  'ATTESTOR_SOURCE_UNAVAILABLE',
  'ATTESTOR_KEY_UNAVAILABLE',
  'ATTESTOR_TRUST_UNAVAILABLE',
  'ATTESTOR_REVOCATION_UNKNOWN',
  'ATTESTOR_CONDITION_FAILED',
])

export interface AttestorErrorDetails {
  /** The failure in Kyverno's (or its libraries') words; the message where it is left out. */
  readonly upstreamText?: string
  readonly expected?: string
  readonly actual?: string
  readonly candidate?: string
  /** Set where Kyverno would have gone on. */
  readonly difference?: string
  /** Whether Kyverno would see a network operation error. */
  readonly networkFault?: boolean
  readonly cause?: unknown
}

/** One check that stopped one candidate. Inside the evaluator it is thrown; callers see it as a {@link Reason} of an outcome. */
export class AttestorError extends Error {
  override readonly name = 'AttestorError'
  readonly code: AttestorErrorCode
  readonly upstreamText: string
  readonly details: AttestorErrorDetails

  constructor(code: AttestorErrorCode, message: string, details: AttestorErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.code = code
    this.upstreamText = details.upstreamText ?? message
    this.details = details
  }

  /** Whether this means "could not be told" rather than "does not hold". */
  get inconclusive(): boolean {
    return doubts.has(this.code)
  }

  /** The same as plain data. */
  reason(where: { readonly path?: string; readonly candidate?: string; readonly image?: string } = {}): Reason {
    const { expected, actual: found, candidate, difference } = this.details
    return {
      code: this.code,
      message: this.message,
      ...(candidate !== undefined && { candidate }),
      ...(expected !== undefined && { expected }),
      ...(found !== undefined && { actual: found }),
      ...(difference !== undefined && { difference }),
      ...where,
    }
  }
}
