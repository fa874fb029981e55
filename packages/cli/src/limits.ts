/** The bounds of this package, each with its reason. What goes over one is refused, never cut and used. */
export const LIMITS: {
  readonly inputBytes: number
  readonly listDepth: number
} = {
  /** A file or standard input, in bytes: as many as the policy reader takes characters. */
  inputBytes: 16 * 1024 * 1024,
  /** Nesting of lists in lists; no manifest nests deeper. */
  listDepth: 20,
}
