/** The bounds of this package, each with its reason. What goes over one is refused, never cut and used. */
export const LIMITS: {
  readonly inputBytes: number
  readonly inputs: number
  readonly allInputCharacters: number
  readonly subjects: number
  readonly listDepth: number
} = {
  /** Size of one file or of standard input: as many bytes as the policy reader takes characters. */
  inputBytes: 16 * 1024 * 1024,
  /** Files of one command line, with standard input. Each is kept in memory until the end. */
  inputs: 1_000,
  /** Characters of all files together: they are kept until the end, for places in messages. */
  allInputCharacters: 64 * 1024 * 1024,
  /** Objects and images of one command line. Their verdicts are kept until they are printed. */
  subjects: 20_000,
  /** Nesting of lists in lists; no manifest nests deeper. */
  listDepth: 20,
}
