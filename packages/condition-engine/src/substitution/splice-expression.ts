import { ConditionError } from '../condition-error.ts'
import type { SealedData, SealedItem } from './sealed-data.ts'

/** The place of inserted data in an expression. */
type Place = 'bare' | 'identifier' | 'raw-string' | 'literal' | 'literal-string'

/** Strings that remain one token in any place. */
const SAFE: Readonly<Record<Place, RegExp>> = {
  bare: /^(?:\w+|-\d+)$/,
  identifier: /^[^"\\\p{Cc}]*$/u,
  'raw-string': /^(?:[^']*[^'\\])?$/,
  literal: /^[\w.:/@+ -]*$/,
  'literal-string': /^[^"\\`\p{Cc}]*$/u,
}

/** The effect of a quote character in each place. */
const QUOTES: Readonly<Record<Place, Readonly<Partial<Record<string, Place>>>>> = {
  bare: { '"': 'identifier', "'": 'raw-string', '`': 'literal' },
  identifier: { '"': 'bare' },
  'raw-string': { "'": 'bare' },
  literal: { '"': 'literal-string', '`': 'bare' },
  'literal-string': { '"': 'literal', '`': 'bare' },
}

/**
 * Inserts the values of nested variables into an expression: `labels."{{ key }}"`, `items[{{ index }}]`, `'{{ name
 * }}'`.
 *
 * A value must remain a single name, index or quoted string. One with its own quotes, operators or calls would let data
 * choose what is evaluated, and is rejected.
 *
 * @throws ConditionError CONDITION_VALUE_INVALID
 */
export function spliceExpression(expression: string, data: SealedData): string {
  if (!data.holdsData(expression)) return expression
  const pieces = [...data.pieces(expression)]
  let place: Place = 'bare'
  for (const [index, piece] of pieces.entries()) {
    if (typeof piece === 'string') place = placeAfter(piece, place)
    else if (!isSafe(piece, place, pieces[index + 1])) throw refused()
  }
  return data.open(expression)
}

function isSafe({ text, isString }: SealedItem, place: Place, next: string | SealedItem | undefined): boolean {
  if (place === 'literal' && !isString) return !text.includes('`')
  // A name before a parenthesis is a function, which data must not choose.
  const isCall = place === 'bare' && typeof next === 'string' && next.trimStart().startsWith('(')
  return !isCall && SAFE[place].test(text)
}

function placeAfter(text: string, before: Place): Place {
  let place = before
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '\\' && isEscape(place, text[at + 1])) at++
    else place = QUOTES[place][character] ?? place
  }
  return place
}

/** Returns whether a backslash escapes the next character. One directly before data would change the data. */
function isEscape(place: Place, next: string | undefined): boolean {
  if (place === 'bare') return false
  if (next === undefined) throw refused()
  return place !== 'raw-string' || next === "'"
}

function refused(): ConditionError {
  return new ConditionError(
    'CONDITION_VALUE_INVALID',
    'value',
    'nested variable: expected a name, an index or the content of a string, got a value that would change ' +
      'the expression',
  )
}
