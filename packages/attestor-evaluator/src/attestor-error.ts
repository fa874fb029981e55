import { type AttestorCode, CheckError, type CheckErrorDetails } from '@verify-images/primitives'

export type AttestorErrorCode = AttestorCode

/** Transitional: `upstreamText` and `networkFault` become the detail of a {@link CheckError}. */
export interface AttestorErrorDetails extends CheckErrorDetails {
  readonly upstreamText?: string
  readonly networkFault?: boolean
}

/** Thrown for options and documents that cannot be used. Checks throw {@link CheckError}. */
export class AttestorError extends CheckError {
  override readonly name = 'AttestorError'

  constructor(
    code: AttestorErrorCode,
    message: string,
    { upstreamText, networkFault, ...details }: AttestorErrorDetails = {},
  ) {
    super(code, message, {
      ...details,
      ...(upstreamText !== undefined && {
        detail: { kind: 'text', text: upstreamText, isNetwork: networkFault === true },
      }),
    })
  }

  get upstreamText(): string {
    return upstreamTextOf(this)
  }
}

/** Transitional: the sentence of Kyverno that an error carries. */
export function upstreamTextOf(error: CheckError): string {
  const { detail } = error.details
  return detail?.kind === 'text' ? detail.text : error.message
}
