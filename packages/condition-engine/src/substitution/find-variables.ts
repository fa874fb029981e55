/** One `{{ … }}` of a text, as Kyverno's expression finds it. */
export interface FoundVariable {
  /** The character before it, or '' at the start of the text. */
  readonly prefix: string
  /** With its braces. */
  readonly braced: string
}

const VARIABLE = /(?:^|[^\\])\{\{(?:\{[^{}]*\}|[^{}])*\}\}/g
const AT_START = /^\{\{(?:\{[^{}]*\}|[^{}])*\}\}/

/**
 * The innermost variables that are not escaped with a backslash. Two that touch are found one after the other: a match
 * takes the character before it along.
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
 * What stands between the braces. A leading `-` asks for no variables to be looked for in the value (`shallow`).
 *
 * Kyverno takes one byte for the character before the braces, so the rest of a longer one begins the expression, which
 * then is none.
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

/** The bytes of a character but the first, as Go prints broken UTF-8. A part of a surrogate pair stands for four bytes. */
function restOfCharacter(character: string): string {
  if (character <= '\u007f') return ''
  const surrogate = character >= '\ud800' && character <= '\udfff'
  return '\ufffd'.repeat(surrogate ? 3 : character <= '\u07ff' ? 1 : 2)
}
