/**
 * The bounds of this package, each with its reason. What goes over one is refused with `CONDITION_LIMIT_EXCEEDED`,
 * never cut and used.
 */
export const LIMITS: {
  readonly documentDepth: number
  readonly textLength: number
  readonly outputLength: number
  readonly substitutions: number
  readonly durationLength: number
  readonly quantityLength: number
  readonly quantityExponent: number
  readonly versionLength: number
} = {
  /** Kubernetes objects and policies nest about 20 deep; recursion stays far from the end of the stack. */
  documentDepth: 200,
  /** One text that is searched for variables. etcd keeps whole objects below 1.5 MiB. */
  textLength: 2 * 1024 * 1024,
  /** Everything one substitution writes: a document of the largest size Kubernetes stores, five times over. */
  outputLength: 8 * 1024 * 1024,
  /** Variables resolved in one substitution. The largest policies in public use have a few hundred. */
  substitutions: 10_000,
  /** A duration of more characters than this says nothing a shorter one does not. */
  durationLength: 256,
  /** As for durations; Go's own exact parser (inf.Dec) is unbounded and quadratic. */
  quantityLength: 1_000,
  /** Exact arithmetic writes every place out. Beyond this, `1e999999999` plus one would fill the memory. */
  quantityExponent: 10_000,
  /** Versions are shorter than 256 characters by specification. */
  versionLength: 1_000,
}
