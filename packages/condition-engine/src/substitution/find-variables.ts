/** One `{{ … }}` of a string, as Kyverno's regular expression finds it. */
export interface FoundVariable {
  /** The preceding character, or '' at the start. */
  readonly prefix: string
  /** Including its braces. */
  readonly braced: string
}

const VARIABLE = /(?:^|[^\\])\{\{(?:\{[^{}]*\}|[^{}])*\}\}/g
const AT_START = /^\{\{(?:\{[^{}]*\}|[^{}])*\}\}/

/**
 * Finds the innermost variables that are not escaped with a backslash. Adjacent ones are found one at a time, because a
 * match includes the preceding character.
 *
 * @see Kyverno, pkg/engine/variables/regex
 */
export function findVariables(text: string): readonly FoundVariable[] {
  if (!text.includes('{{')) return []
  return Array.from(text.matchAll(VARIABLE), ([match]) => {
    const atStart = AT_START.test(match)
    return { prefix: atStart ? '' : match.slice(0, 1), braced: atStart ? match : match.slice(1) }
  })
}

/**
 * Returns the content of the braces. A leading `-` disables searching the value for variables (`shallow`).
 *
 * Kyverno counts one byte for the preceding character, so the rest of a multi-byte character becomes part of the
 * expression and makes it invalid.
 */
export function readVariable(
  braced: string,
  before: string,
): { readonly expression: string; readonly shallow: boolean } {
  const inner = (restOfCharacter(before) + braced).replaceAll('{{', '').replaceAll('}}', '').trim()
  return inner.startsWith('-')
    ? { expression: inner.slice(1).trim(), shallow: true }
    : { expression: inner, shallow: false }
}

/**
 * The bytes of a character after the first, as Go prints invalid UTF-8. Half a surrogate pair represents four bytes.
 */
function restOfCharacter(character: string): string {
  if (character <= '\u007f') return ''
  const surrogate = character >= '\ud800' && character <= '\udfff'
  return '\ufffd'.repeat(surrogate ? 3 : character <= '\u07ff' ? 1 : 2)
}
