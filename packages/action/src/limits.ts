/** The bounds of this package, each with its reason. */
export const LIMITS: {
  readonly summaryBytes: number
} = {
  /** Size of a step summary: GitHub shows nothing of one above 1 MiB. What is cut off is in the log. */
  summaryBytes: 1024 * 1024,
}
