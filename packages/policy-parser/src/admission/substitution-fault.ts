import { matchWildcard } from '@verify-images/primitives'
import { LIMITS } from '../limits.ts'
import { shown } from '../policy-error.ts'
import { expressionOf, findVariables, replaceVariables } from '../variables.ts'

/** Which variables a rule may use. */
export interface VariableRules {
  readonly background: boolean
  /** Whether it changes existing objects, known as `target`. */
  readonly target: boolean
  readonly patterns: readonly string[]
  readonly compileExpression: ((text: string) => unknown) | undefined
}

// Searched anywhere in the expression: `requestX` is let through where `request` is.
const ALLOWED = /request|serviceAccountName|element|@|image|[a-z_0-9]\([^{}]/
const ALLOWED_IN_BACKGROUND = /request\.|element|@|images|image\.|[a-z_0-9]\([^{}]/
const ALLOWED_WITH_TARGET = /serviceAccountName|target\./

/** Why the variables of a text are not allowed; undefined where they are. They are replaced by null, as upstream does to see them all. */
export function substitutionFault(text: string, rules: VariableRules): string | undefined {
  let value = text
  for (let round = 0; round < LIMITS.substitutions; round++) {
    const found = findVariables(value)
    if (found.length === 0) return undefined
    if (found.length > LIMITS.variables) return `there are more than ${LIMITS.variables} variables in a text`
    for (const variable of found) {
      // Upstream takes one byte for the character before the braces; the rest of a longer one spoils the expression.
      if (variable.lead > '\u007f')
        return `variable ${shown(variable.text)} stands right behind the character ${shown(variable.lead)}, which upstream takes for a part of it`
      const { expression } = expressionOf(variable.text)
      const fault = expression === '@' ? undefined : variableFault(expression, rules)
      if (fault !== undefined) return fault
      if (value === variable.text) return undefined
    }
    if (expressionOf(found.at(-1)?.text ?? '').shallow) return undefined
    value = replaceVariables(value, 'null')
  }
  return `variables stand in variables more than ${LIMITS.substitutions} levels deep`
}

function variableFault(
  expression: string,
  { background, target, patterns, compileExpression }: VariableRules,
): string | undefined {
  if (expression === '') return 'a variable is empty'
  try {
    compileExpression?.(expression)
  } catch (error) {
    return `variable ${shown(expression)} is no JMESPath: ${error instanceof Error ? error.message : 'it does not compile'}`
  }
  const name = expression.replaceAll('"', '')
  if ((background || target ? ALLOWED_IN_BACKGROUND : ALLOWED).test(name)) return undefined
  if (target && (background ? /target\./ : ALLOWED_WITH_TARGET).test(name)) return undefined
  if (patterns.some((pattern) => matchWildcard(pattern, name))) return undefined
  return `variable ${shown(expression)} is not known${background ? ' in background mode' : ''}`
}
