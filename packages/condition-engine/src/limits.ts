/**
 * The bounds of this package, each with its reason. What goes over one is refused with `CONDITION_LIMIT_EXCEEDED`,
 * never cut and used.
 */
export const LIMITS: {
  readonly documentDepth: number
  readonly outputLength: number
  readonly substitutions: number
  readonly shownLength: number
  readonly durationLength: number
  readonly quantityLength: number
  readonly quantityExponent: number
  readonly versionLength: number
  readonly timeLength: number
  readonly expressionLength: number
  readonly expressionDepth: number
  readonly valueDepth: number
  readonly yamlValues: number
  readonly evaluationSteps: number
  readonly producedLength: number
  readonly contextEvaluations: number
  readonly cachedExpressions: number
  readonly cachedExpressionLength: number
  readonly regexLength: number
  readonly certificateLength: number
  readonly randomLength: number
} = {
  /** Kubernetes objects and policies nest about 20 deep; recursion stays far from the end of the stack. */
  documentDepth: 200,
  /** Everything one substitution writes: a document of the largest size Kubernetes stores, five times over. */
  outputLength: 8 * 1024 * 1024,
  /** Variables resolved in one substitution. The largest policies in public use have a few hundred. */
  substitutions: 10_000,
  /** How much of an expression a message shows; with nested variables, data decides how long it is. */
  shownLength: 1_000,
  /** A duration of more characters than this says nothing a shorter one does not. */
  durationLength: 256,
  /** As for durations; Go's own exact parser (inf.Dec) is unbounded and quadratic. */
  quantityLength: 1_000,
  /** Exact arithmetic writes every place out. Beyond this, `1e999999999` plus one would fill the memory. */
  quantityExponent: 10_000,
  /** Versions are shorter than 256 characters by specification. */
  versionLength: 1_000,
  /** Layouts and times; the longest in use are below 50 characters. */
  timeLength: 1_000,
  /** One expression. The longest in public policies have a few thousand characters; inserted lists make them longer. */
  expressionLength: 256 * 1024,
  /** How deep an expression may nest, and how long a chain of `.`, `||`, `|` … may be; evaluation recurses as deep. */
  expressionDepth: 400,
  /** How deep a value that an expression reads or builds may nest, so that comparing and printing it can recurse. */
  valueDepth: 500,
  /** Values of one YAML document, those behind aliases counted each time: an alias bomb ends here. */
  yamlValues: 100_000,
  /** The work of one evaluation, in units of about 50 ns: elements visited, characters looked at. A tenth of a second. */
  evaluationSteps: 2_000_000,
  /** Characters and list elements one evaluation builds, all intermediate results together. */
  producedLength: 4 * 1024 * 1024,
  /** All evaluations over one context together may do the work of this many that go to their limit. */
  contextEvaluations: 5,
  /** Compiled expressions that a cache keeps; a set of policies has a few hundred. */
  cachedExpressions: 1_000,
  /** Longer expressions have data pasted into them and will not come again. */
  cachedExpressionLength: 4_096,
  /** A regular expression; its automaton is at most a small factor larger. */
  regexLength: 1_000,
  /** PEM text of one certificate; real ones are below 10 KiB. */
  certificateLength: 64 * 1024,
  /** Characters `random()` may produce; names in Kubernetes have at most 253. */
  randomLength: 10_000,
}
