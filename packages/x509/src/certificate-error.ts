import type { CertificateCode, CertificateDetail } from '@verify-images/primitives'

/** Thrown for everything that this package refuses. */
export class CertificateError extends Error {
  override readonly name: string = 'CertificateError'
  readonly code: CertificateCode
  /** The facts behind the message, where the code alone does not say enough. */
  readonly detail?: CertificateDetail

  constructor(
    code: CertificateCode,
    message: string,
    options: { readonly detail?: CertificateDetail; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    if (options.detail !== undefined) this.detail = options.detail
  }
}
