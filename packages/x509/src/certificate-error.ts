import type { CertificateCode, CertificateDetail } from '@verify-images/primitives'
import { certificateText } from './certificate-text.ts'

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

  /** Transitional, until attestor-evaluator and notary hand {@link detail} on. */
  get upstreamText(): string | undefined {
    return this.detail && certificateText(this.detail)
  }
}
