/** The limits of this package, each with its reason. */
export const LIMITS: {
  readonly resourceDepth: number
  readonly resourceNodes: number
  readonly images: number
  readonly imagesAtOnce: number
  readonly imageConfigBytes: number
  readonly platforms: number
  readonly statementChoices: number
  readonly evaluationMs: number
  readonly deadlineMs: number
  readonly answerCharacters: number
  readonly contextBytes: number
} = {
  /** Kubernetes objects nest about 20 deep; its own decoder stops at 10 000, where a recursive reader overflows. */
  resourceDepth: 200,
  /** etcd keeps objects below 1.5 MiB; no object of that size has more values than this. */
  resourceNodes: 500_000,
  /** A Pod with more containers than this does not start; each may cost several requests. */
  images: 500,
  /** Images verified at the same time: enough to hide latency, few enough not to look like an attack to a registry. */
  imagesAtOnce: 8,
  /** Choices of one statement for each name that `deny` is evaluated for: enough for dozens of scans, or several of several types. */
  statementChoices: 64,
  /** Images of one index; the largest public ones have about 20. */
  platforms: 100,
  /** Image configs hold the build history; real ones stay far below this. */
  imageConfigBytes: 4 * 1024 * 1024,
  /** Kubernetes gives a webhook at most 30 s, and 10 s unless told otherwise. */
  evaluationMs: 30_000,
  /** The longest delay of a timer. */
  deadlineMs: 2 ** 31 - 1,
  /** One answer of an adapter: enough for the objects of a large cluster, and small enough to hold several in memory. */
  answerCharacters: 32 * 1024 * 1024,
  /** Kyverno's default of `maxContextSize`. */
  contextBytes: 2 * 1024 * 1024,
}
