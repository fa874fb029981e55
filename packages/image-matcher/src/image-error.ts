export type ImageErrorCode =
  | 'IMAGE_REFERENCE_INVALID'
  | 'IMAGE_DIGEST_INVALID'
  | 'IMAGE_PATTERN_INVALID'
  | 'IMAGE_EXTRACTOR_INVALID'
  | 'IMAGE_EXPRESSION_FAILED'
  | 'IMAGE_OBJECT_INVALID'
  | 'IMAGE_KEY_INVALID'
  | 'IMAGE_LIMIT_EXCEEDED'
  | 'IMAGE_OPTIONS_INVALID'

export interface ImageErrorDetails extends ErrorOptions {
  /** RFC 6901 pointer into the object. */
  readonly pointer?: string
  /** Set if Kyverno would accept the object: the row of docs/differences.md. */
  readonly difference?: string
}

/** The only error this package throws. If Kyverno fails as well, the message is Kyverno's. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
  readonly code: ImageErrorCode
  readonly pointer: string | undefined
  readonly difference: string | undefined

  constructor(code: ImageErrorCode, message: string, { pointer, difference, ...options }: ImageErrorDetails = {}) {
    super(message, options)
    this.code = code
    this.pointer = pointer
    this.difference = difference
  }
}
