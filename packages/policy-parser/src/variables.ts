/**
 * A variable `{{ … }}`. It may contain one level of braces; a backslash before it escapes it.
 *
 * @see Kyverno, pkg/engine/variables/regex
 */
const VARIABLE = /(^|[^\\])(\{\{(?:\{[^{}]*\}|[^{}])*\}\})/g

export interface FoundVariable {
  /** The character before it, which is part of the match; empty at the start of the text. */
  readonly lead: string
  /** With its braces. */
  readonly text: string
}

export function findVariables(text: string): FoundVariable[] {
  return Array.from(text.matchAll(VARIABLE), ([, lead = '', variable = '']) => ({ lead, text: variable }))
}

/** Replaces every variable by `word`. */
export function replaceVariables(text: string, word: string): string {
  return text.replace(VARIABLE, (_match, lead: string) => lead + word)
}

export function hasVariables(text: string): boolean {
  return text.includes('{{') && findVariables(text).length > 0
}

/** The expression in a variable, and whether its leading `-` asks for one round of substitution only. */
export function expressionOf(variable: string): { readonly expression: string; readonly shallow: boolean } {
  const expression = variable.replaceAll('{{', '').replaceAll('}}', '').trim()
  return expression.startsWith('-')
    ? { expression: expression.slice(1).trim(), shallow: true }
    : { expression, shallow: false }
}
