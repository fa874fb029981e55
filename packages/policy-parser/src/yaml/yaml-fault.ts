import type { PolicyErrorCode } from '../policy-error.ts'

/** A fault of a text, by offset; it becomes a `PolicyError` at the package's edge. */
export class YamlFault extends Error {
  override readonly name = 'YamlFault'
  readonly code: PolicyErrorCode
  readonly offset: number

  constructor(code: PolicyErrorCode, message: string, offset: number) {
    super(message)
    this.code = code
    this.offset = offset
  }
}
