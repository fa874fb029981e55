import { expressionOf, findVariables, matchWildcard, replaceVariables, messageOf } from '@verify-images/primitives'
import { LIMITS } from '../limits.ts'
import { shown } from '../policy-error.ts'

/** Which variables a rule may use. */
export interface VariableRules {
  readonly background: boolean
  /** Whether the rule mutates existing objects, which `target` refers to. */
  readonly target: boolean
  readonly patterns: readonly string[]
  readonly compileExpression: ((text: string) => unknown) | undefined
}

// Kyverno matches these anywhere in the expression, so `requestX` is allowed like `request`.
const ALLOWED = /request|serviceAccountName|element|@|image|[a-z_0-9]\([^{}]/
const ALLOWED_IN_BACKGROUND = /request\.|element|@|images|image\.|[a-z_0-9]\([^{}]/
const ALLOWED_WITH_TARGET = /serviceAccountName|target\./

/**
 * Returns why the variables of a text are not allowed; undefined if they are. Replaces them by null as Kyverno does, to
 * see nested ones.
 */
export function substitutionFault(text: string, rules: VariableRules): string | undefined {
  let value = text
  for (let round = 0; round < LIMITS.substitutions; round++) {
    const found = findVariables(value)
    if (found.length === 0) return undefined
    if (found.length > LIMITS.variables) return `more than ${LIMITS.variables} variables in one string`
    for (const variable of found) {
      // Kyverno takes one byte for the character before the braces; the rest of a longer character breaks the
      // expression.
      if (variable.lead > '\u007f')
        return (
          `variable ${shown(variable.text)} follows the character ${shown(variable.lead)}, which Kyverno reads ` +
          `as part of the variable`
        )
      const { expression } = expressionOf(variable.text)
      const fault = expression === '@' ? undefined : variableFault(expression, rules)
      if (fault !== undefined) return fault
      if (value === variable.text) return undefined
    }
    if (expressionOf(found.at(-1)?.text ?? '').shallow) return undefined
    value = replaceVariables(value, 'null')
  }
  return `variables nested deeper than ${LIMITS.substitutions} levels`
}

function variableFault(
  expression: string,
  { background, target, patterns, compileExpression }: VariableRules,
): string | undefined {
  if (expression === '') return 'a variable is empty'
  try {
    compileExpression?.(expression)
  } catch (error) {
    return `variable ${shown(expression)} is not JMESPath: ${messageOf(error)}`
  }
  const name = expression.replaceAll('"', '')
  if ((background || target ? ALLOWED_IN_BACKGROUND : ALLOWED).test(name)) return undefined
  if (target && (background ? /target\./ : ALLOWED_WITH_TARGET).test(name)) return undefined
  if (patterns.some((pattern) => matchWildcard(pattern, name))) return undefined
  return `unknown variable ${shown(expression)}${background ? ' in background mode' : ''}`
}
