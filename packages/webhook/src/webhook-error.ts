import { type CheckOptions, optionChecker } from '@verify-images/primitives'

/** Codes of this package; see docs/errors.md. */
export const webhookCodes = ['WEBHOOK_OPTIONS_INVALID', 'WEBHOOK_TLS_INVALID'] as const

export type WebhookErrorCode = (typeof webhookCodes)[number]

/** Thrown for invalid options, and when the certificate of the server cannot be read at its start. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError'
  readonly code: WebhookErrorCode

  constructor(code: WebhookErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.code = code
  }
}

/** @throws WebhookError WEBHOOK_OPTIONS_INVALID */
export const checkOptions: CheckOptions = optionChecker(
  (message) => new WebhookError('WEBHOOK_OPTIONS_INVALID', message),
)
