/*
 * The grammar of what Kyverno replaces in the strings of a policy: variables `{{ expression }}` and references
 * `$(path)`. Admission and evaluation must find the same ones.
 */

/** A variable or reference in a string. */
export interface Placeholder {
  /** The preceding character, which is part of Kyverno's match; empty at the start of the string. */
  readonly lead: string
  /** With its braces or parentheses. */
  readonly text: string
}

/** May contain one level of braces; a backslash in front escapes it. */
const VARIABLE = /(^|[^\\])(\{\{(?:\{[^{}]*\}|[^{}])*\}\})/g

/**
 * Finds the innermost variables that are not escaped. Of two adjacent ones only the first is found, because a match
 * includes the preceding character.
 *
 * @see Kyverno, pkg/engine/variables/regex
 */
export function findVariables(text: string): readonly Placeholder[] {
  if (!text.includes('{{')) return []
  return Array.from(text.matchAll(VARIABLE), ([, lead = '', variable = '']) => ({ lead, text: variable }))
}

export function hasVariables(text: string): boolean {
  return findVariables(text).length > 0
}

/** Replaces every variable by `word`. */
export function replaceVariables(text: string, word: string): string {
  return text.replace(VARIABLE, (_match, lead: string) => lead + word)
}

/**
 * Returns the expression of a variable. A leading `-` means that its value is not searched for variables (`shallow`).
 */
export function expressionOf(variable: string): { readonly expression: string; readonly shallow: boolean } {
  const expression = variable.replaceAll('{{', '').replaceAll('}}', '').trim()
  return expression.startsWith('-')
    ? { expression: expression.slice(1).trim(), shallow: true }
    : { expression, shallow: false }
}

/**
 * Finds the references that are not escaped. A reference extends to the last `)` before the next space and has at least
 * one character: `$(/a)$(/b)` is one reference.
 *
 * Not a regular expression, which would take quadratic time on many unterminated `$(`.
 *
 * @see Kyverno, pkg/engine/variables/regex: `^\$\(.[^\ ]*\)|[^\\]\$\(.[^\ ]*\)`
 */
export function findReferences(text: string): readonly Placeholder[] {
  const found: Placeholder[] = []
  let free = 0
  for (let at = text.indexOf('$('); at >= 0;) {
    const space = text.indexOf(' ', at + 3)
    const end = space < 0 ? text.length : space
    const close = text.lastIndexOf(')', end - 1)
    const closed = close >= at + 3 && text[at + 2] !== '\n'
    const preceded = at === 0 || (at > free && text[at - 1] !== '\\')
    if (closed && preceded) {
      found.push({ lead: text.slice(Math.max(0, at - 1), at), text: text.slice(at, close + 1) })
      free = close + 1
    }
    const next = closed && preceded ? close + 1 : close >= at + 3 ? at + 1 : Math.max(at + 1, end - 2)
    at = text.indexOf('$(', next)
  }
  return found
}
