/** The bounds of this package, each with its reason. What goes over one is refused, never cut and used. */
export const LIMITS: {
  readonly inputBytes: number
  readonly listDepth: number
} = {
  /** A file, or standard input: as many bytes as the reader of policies takes characters. */
  inputBytes: 16 * 1024 * 1024,
  /** Lists in lists: deeper ones are nobody's manifests. */
  listDepth: 20,
}
