import { checkExpression } from '@verify-images/condition-engine'
import { parseExceptions, parsePolicies as parse, type ForeignOptions, type Policy } from '@verify-images/policy-parser'

export { parseExceptions }

/** `source` names the file in messages. */
export interface ParseOptions extends ForeignOptions {
  readonly source?: string
}

/**
 * Parses ClusterPolicies and Policies from YAML or JSON. What Kyverno's admission rejects is an error, with all issues
 * of the text at once.
 *
 * @throws PolicyError with `issues`, each with code, path, line and column
 */
export function parsePolicies(text: string, options: ParseOptions = {}): readonly Policy[] {
  return parse(text, { ...options, compileExpression: checkExpression })
}
