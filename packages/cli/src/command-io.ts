import type { Outputs } from './command-line/arguments.ts'

/** What a command reads and writes; nothing below the entry point touches the process itself. */
export interface CommandIO {
  /** The text of a file; `-` is standard input. */
  readonly readFile: (path: string) => Promise<string>
  /** The files that a path, a folder or a pattern names; none for a pattern that matches nothing. */
  readonly expand: (path: string) => Promise<readonly string[]>
  /** Writes data to standard output; resolves once it is written. */
  readonly stdout: (data: string) => void | Promise<void>
  /** Writes a file, in place of one that exists. */
  readonly writeFile: (path: string, data: string) => Promise<void>
  /** Writes one line to standard error: errors, warnings, hints. */
  readonly stderr: (line: string) => void
  /** Shows how far the command is, in place of what it showed before; absent without a terminal. */
  readonly progress?: (text: string) => void
  /** Whether standard output shows colours. */
  readonly colors: boolean
  /** Aborted when the user wants to end the command, which then prints what it has. */
  readonly interrupted: AbortSignal
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly now: () => Date
}

/** Exit codes. Scripts depend on them, so their meaning never changes. */
export const EXIT: {
  readonly admitted: 0
  readonly denied: 1
  readonly inconclusive: 2
  readonly usage: 64
  readonly unwritten: 74
} = {
  admitted: 0,
  /** Or, for `tree`, the image does not exist. */
  denied: 1,
  inconclusive: 2,
  /** `EX_USAGE`: the command line, a policy or a resource is malformed, or this version of Node is not supported. */
  usage: 64,
  /** `EX_IOERR`: the result could not be written. */
  unwritten: 74,
}

/** What a command returns: data for standard output and for files, and the exit code. */
export interface CommandResult {
  readonly data: string
  /** Whether the only control characters of `data` are our own colours. */
  readonly isPrintable?: boolean
  readonly files?: readonly OutputFile[]
  readonly exit: number
}

export interface OutputFile {
  readonly file: string
  readonly data: string
}

/** Formats a result for standard output and for the files that the command line names. */
export function formatEach<F extends string>(
  { output, outputFiles }: Outputs<F>,
  format: (output: F, to: 'stdout' | 'file') => string,
): Pick<CommandResult, 'data' | 'files'> {
  return {
    data: format(output, 'stdout'),
    files: outputFiles.map((each) => ({ file: each.file, data: format(each.format, 'file') })),
  }
}
