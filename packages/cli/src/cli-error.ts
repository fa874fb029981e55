/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'VERIFIER_OPTIONS_INVALID'
}

/** What the command line names cannot be understood: a file, or a reference. */
export class InputError extends Error {
  override readonly name = 'InputError'
  /** One line for each thing that is wrong: where, a code, and what. */
  readonly lines: readonly string[]

  constructor(...lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

/** An error in lines, each with its code. */
export function linesOf(error: unknown): readonly string[] {
  return error instanceof InputError ? error.lines : [describeError(error)]
}

export function describeError(error: unknown): string {
  return `${codeOf(error)}: ${error instanceof Error ? error.message : String(error)}`
}

/** Codes are compared across packages, classes are not. Also the system's errors have one; what has none was not foreseen. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'VERIFIER_INTERNAL'
}
