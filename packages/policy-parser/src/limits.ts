/**
 * The bounds of this package, each with its reason. What goes over one is refused with `POLICY_TOO_LARGE`, never cut
 * and used.
 */
export const LIMITS: {
  readonly textLength: number
  readonly documentLength: number
  readonly documents: number
  readonly nodes: number
  readonly separators: number
  readonly depth: number
  readonly issues: number
  readonly substitutions: number
  readonly variables: number
  readonly contextEntries: number
  readonly names: number
} = {
  /** A file with a cluster's policies, ten times over. It is asked for before anything is read. */
  textLength: 16 * 1024 * 1024,
  /**
   * etcd keeps an object below 1.5 MiB; the largest policies in public use have 60 KiB. Half of that bounds the
   * parser's memory.
   */
  documentLength: 768 * 1024,
  /** Documents of one text, items of lists included. */
  documents: 10_000,
  /** Values of one text, those behind aliases counted each time: an alias bomb ends here. A Pod has about 300. */
  nodes: 300_000,
  /**
   * Commas, opening brackets and lines of one document: what the parser will make of it at most, known before it
   * starts.
   */
  separators: 100_000,
  /** Objects of Kubernetes nest about 20 deep; recursion stays far from the end of the stack. */
  depth: 100,
  /** Problems that one error lists; more are not read at once. */
  issues: 200,
  /** How deep variables may stand in variables. Two levels are rare. */
  substitutions: 20,
  /** Variables of one text. The largest policies in public use have a few hundred in all. */
  variables: 2_000,
  /** Context entries of one rule; each is compared with each variable. */
  contextEntries: 500,
  /** Names, blocks or namespaces in a list that is compared with another, each with each. */
  names: 1_000,
}
