/**
 * The limits of this package, each with its reason. Exceeding one fails with `CONDITION_LIMIT_EXCEEDED`; nothing is
 * truncated and used.
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
  readonly workerSteps: number
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
  /** Characters that one substitution writes: five times the largest object that Kubernetes stores. */
  outputLength: 8 * 1024 * 1024,
  /** Variables resolved in one substitution. The largest policies in public use have a few hundred. */
  substitutions: 10_000,
  /** Characters of an expression in a message. With nested variables, data decides its length. */
  shownLength: 1_000,
  /** Characters of a duration; the longest meaningful one is shorter. */
  durationLength: 256,
  /** Characters of a quantity; Go's exact parser (inf.Dec) is unbounded and quadratic. */
  quantityLength: 1_000,
  /** Digits of exact arithmetic: without a limit, `1e999999999` plus one would exhaust memory. */
  quantityExponent: 10_000,
  /** Characters of a version; the specification recommends fewer than 256. */
  versionLength: 1_000,
  /** Characters of layouts and times; those in use have fewer than 50. */
  timeLength: 1_000,
  /** Characters of an expression. The longest in public policies have a few thousand; inserted arrays lengthen them. */
  expressionLength: 256 * 1024,
  /** Nesting of an expression, and length of a chain of `.`, `||`, `|` …; evaluation recurses that deep. */
  expressionDepth: 400,
  /** Nesting of a value that an expression reads or builds, so that comparing and printing it can recurse. */
  valueDepth: 500,
  /** Values of a YAML document with aliases resolved, against alias bombs. */
  yamlValues: 100_000,
  /** Steps of one evaluation, about 50 ns each (elements visited, characters read): a tenth of a second. */
  evaluationSteps: 2_000_000,
  /**
   * The same where `budget.steps` asks for it, which a worker thread does: a filter over the packages of an SBOM of
   * 64 MB takes two million, and the conditions of a policy several of them.
   */
  workerSteps: 20_000_000,
  /** Characters and array elements that one evaluation builds, intermediate results included. */
  producedLength: 4 * 1024 * 1024,
  /** Evaluations at their limit whose work all evaluations over one context may share. */
  contextEvaluations: 5,
  /** Compiled expressions in a cache; a set of policies has a few hundred. */
  cachedExpressions: 1_000,
  /** Longer expressions contain inserted data and do not repeat, so they are not cached. */
  cachedExpressionLength: 4_096,
  /** Characters of a regular expression; its automaton is larger by a small factor. */
  regexLength: 1_000,
  /** Characters of a PEM certificate; real ones have fewer than 10 KiB. */
  certificateLength: 64 * 1024,
  /** Characters that `random()` may produce; Kubernetes names have at most 253. */
  randomLength: 10_000,
}
