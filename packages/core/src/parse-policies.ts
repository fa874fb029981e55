import { compileExpression } from '@verify-images/condition-engine'
import { parseExceptions, parsePolicies as parse, type Policy } from '@verify-images/policy-parser'

export { parseExceptions }

/** Where a text came from, for messages. */
export interface ParseOptions {
  readonly source?: string
}

/**
 * Reads ClusterPolicies and Policies from YAML or JSON, as Kyverno's admission would: what it refuses is refused, all
 * problems of a text at once.
 *
 * @throws PolicyError with `issues`, each with code, path, line and column
 */
export function parsePolicies(text: string, options: ParseOptions = {}): readonly Policy[] {
  return parse(text, { ...options, compileExpression })
}
