/** The limits of this package; docs/limits.md has all packages. */
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
  readonly workerBytes: number
  readonly tokensHere: number
  readonly statementCharacters: number
  readonly stepsHere: number
  readonly stepsThere: number
  readonly workerMegabytes: number
  readonly workerIdleMs: number
  readonly keptPredicates: number
  readonly bindings: number
  readonly pullSecrets: number
  readonly secretsAtOnce: number
  readonly trustRootDays: number
  readonly cacheBytes: number
  readonly resultBytes: number
  readonly runFailureMs: number
  readonly objectsAtOnce: number
  readonly objectsAhead: number
  readonly snapshotBytes: number
  readonly secretCharacters: number
  readonly sharedSeconds: number
} = {
  /**
   * Levels of an object. Kubernetes objects nest about 20 deep; its decoder stops at 10 000, where a recursive reader
   * overflows.
   */
  resourceDepth: 200,
  /** Values of an object. etcd keeps objects below 1.5 MiB; no real object of that size has more values. */
  resourceNodes: 500_000,
  /** Images of one object. A Pod with more containers does not start, and each image may cost several requests. */
  images: 500,
  /** Images verified at the same time: enough to hide latency, few enough not to trigger rate limits of a registry. */
  imagesAtOnce: 8,
  /**
   * Choices of one statement per name that `deny` is evaluated for: dozens of scans, or several statements of several
   * types.
   */
  statementChoices: 64,
  /** Manifests of one index; the largest public indexes have about 20. */
  platforms: 100,
  /** Bytes of an image config, which holds the build history; real ones are far smaller. */
  imageConfigBytes: 4 * 1024 * 1024,
  /** Milliseconds of one evaluation by default. Kubernetes gives a webhook at most 30 s, and 10 s by default. */
  evaluationMs: 30_000,
  /** Milliseconds of the longest deadline that can be set: the longest delay of a timer of Node. */
  deadlineMs: 2 ** 31 - 1,
  /**
   * Characters of one answer of the Kubernetes reader: the objects of a large cluster fit, and several fit into memory.
   */
  answerCharacters: 32 * 1024 * 1024,
  /** Bytes of all context entries of one rule; Kyverno's default of `maxContextSize`. */
  contextBytes: 2 * 1024 * 1024,
  /**
   * Bytes of a verified payload from which on it is parsed in a worker. Counting its tokens takes 5 to 15 ms for each
   * MiB, parsing an SBOM 20 to 30 ms.
   */
  workerBytes: 512 * 1024,
  /**
   * Tokens of a smaller payload that is parsed here: 5 ms for most, 20 ms where all of them are keys of one object.
   */
  tokensHere: 20_000,
  /**
   * Characters of a statement that is parsed in a worker, without its predicate: they come back to the main thread.
   * 1024 subjects have about 200 000.
   */
  statementCharacters: 1024 * 1024,
  /**
   * Steps of an expression over attested data in the main thread, about 10 ms; one that takes more goes to the worker.
   */
  stepsHere: 200_000,
  /**
   * Steps of an expression in the worker, about a second. A filter over the 900 000 packages of an SBOM of 64 MB takes
   * two million.
   */
  stepsThere: 20_000_000,
  /** Megabytes of heap of the worker. An SBOM of 64 MB needs about 500 while it is parsed. */
  workerMegabytes: 1024,
  /** Milliseconds until an idle worker ends; its memory comes back then. */
  workerIdleMs: 5_000,
  /** Predicates that the worker keeps parsed: conditions and `deny` ask for the same one several times. */
  keptPredicates: 2,
  /** RoleBindings, or ClusterRoleBindings, of a cluster: ten times those of a cluster with 10 000 namespaces. */
  bindings: 100_000,
  /** Pull secrets that a policy entry and an object name, without repetitions. Objects name a few. */
  pullSecrets: 100,
  /** Secrets read at the same time; an API server limits the requests of a client. */
  secretsAtOnce: 8,
  /**
   * Age of the trust root in days from which on it is a problem. Sigstore adds a log about twice a year, and signs with
   * it some weeks after its key was published.
   */
  trustRootDays: 180,
  /** Bytes of an artifact cache; some eight thousand images with their signatures. A run has as much for itself. */
  cacheBytes: 64 * 1024 * 1024,
  /** Bytes that a remembered result takes beside its key and value. */
  resultBytes: 512,
  /**
   * Milliseconds for which a run does not repeat a request that failed: an unavailable registry does not cost every
   * object its timeout, and one that comes back is asked again.
   */
  runFailureMs: 5_000,
  /** Objects of a run that are evaluated at the same time, by default. */
  objectsAtOnce: 8,
  /** For each of these, so many objects are read ahead of the one whose verdict is waited for. */
  objectsAhead: 4,
  /** Bytes of the file of a snapshot that has its answers: some ten thousand images. Their content is beside it. */
  snapshotBytes: 64 * 1024 * 1024,
  /** Characters of the secret for keys of shared content: 128 bits in hex. */
  secretCharacters: 32,
  /** Seconds for which shared content is kept by default: a day. */
  sharedSeconds: 86_400,
}
