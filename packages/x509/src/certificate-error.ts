export type CertificateErrorCode =
  | 'CERTIFICATE_PEM_INVALID'
  | 'CERTIFICATE_DER_INVALID'
  | 'CERTIFICATE_MALFORMED'
  | 'CERTIFICATE_LIMIT_EXCEEDED'
  | 'CERTIFICATE_ALGORITHM_REFUSED'
  | 'CERTIFICATE_KEY_REFUSED'
  | 'CERTIFICATE_SIGNATURE_INVALID'
  | 'CERTIFICATE_UNTRUSTED'
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_USAGE_MISMATCH'
  | 'CERTIFICATE_NOT_A_CA'
  | 'CERTIFICATE_PATH_LENGTH_EXCEEDED'
  | 'CERTIFICATE_NAME_NOT_PERMITTED'
  | 'CERTIFICATE_EXTENSION_UNHANDLED'
  | 'CERTIFICATE_TIMESTAMP_INVALID'
  | 'CERTIFICATE_TIMESTAMP_MISMATCH'
  | 'CERTIFICATE_OPTIONS_INVALID'

/**
 * The one error of this package.
 *
 * `upstreamText` is what Go's crypto/x509 would say of the same input, where it has a word for it. It is there to be
 * printed; nothing is decided from it.
 */
export class CertificateError extends Error {
  override readonly name: string = 'CertificateError'
  readonly code: CertificateErrorCode
  readonly upstreamText?: string

  constructor(
    code: CertificateErrorCode,
    message: string,
    options: { readonly upstreamText?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    if (options.upstreamText !== undefined) this.upstreamText = options.upstreamText
  }
}
