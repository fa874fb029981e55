import { messageOf } from '@verify-images/primitives'
/** Thrown when the command line is malformed. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'VERIFIER_OPTIONS_INVALID'
}

/** Thrown when a file or an image reference that the command line names is malformed. */
export class InputError extends Error {
  override readonly name = 'InputError'
  /** One line per problem: place, code, message. */
  readonly lines: readonly string[]

  constructor(...lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

/** Returns the lines that describe an error, each with a code. */
export function linesOf(error: unknown): readonly string[] {
  return error instanceof InputError ? error.lines : [describeError(error)]
}

export function describeError(error: unknown): string {
  return `${codeOf(error)}: ${messageOf(error)}`
}

/** Returns the code of an error of ours or of the system (`ENOENT`); `VERIFIER_INTERNAL` for an error without one. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'VERIFIER_INTERNAL'
}
