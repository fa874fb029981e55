/** What the process lends a command; nothing below the entry point touches the process itself. */
export interface Surroundings {
  /** The text of a file; `-` is standard input. */
  readonly readFile: (path: string) => Promise<string>
  /** Data goes to standard output, and is there when this ends… */
  readonly write: (data: string) => void | Promise<void>
  /** …and talk, a line at a time, to standard error. */
  readonly talk: (line: string) => void
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly now: () => Date
}
