/**
 * Maps case character by character, like Go. JavaScript maps whole strings: it turns `ß` into two characters and
 * considers the neighbours of `Σ`.
 */

/** Greek letters with iota below: the capital is one character to Go and two to JavaScript. */
const IOTA_CAPITALS: readonly (readonly [first: number, last: number, distance: number])[] = [
  [0x1f80, 0x1f87, 8],
  [0x1f90, 0x1f97, 8],
  [0x1fa0, 0x1fa7, 8],
  [0x1fb3, 0x1fb3, 9],
  [0x1fc3, 0x1fc3, 9],
  [0x1ff3, 0x1ff3, 9],
]
/** Letters whose case came after Unicode 15, which is as far as Go goes; Node's own version is a later one. */
const LATER_LETTERS =
  /[\u019b\u0264\u1c89\u1c8a\ua7cb-\ua7cf\ua7d2-\ua7d5\ua7da-\ua7dc\u{10d50}-\u{10d65}\u{10d70}-\u{10d85}\u{16ea0}-\u{16ed3}]/u
const DOTTED_CAPITAL_I = 'İ'
const DOTLESS_SMALL_I = 'ı'

export function upperCase(text: string): string {
  return isAscii(text) ? text.toUpperCase() : Array.from(text, upperCharacter).join('')
}

export function lowerCase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : Array.from(text, lowerCharacter).join('')
}

/** Returns whether two strings differ only in case, character by character. */
export function equalFold(left: string, right: string): boolean {
  return left === right || foldCase(left) === foldCase(right)
}

function foldCase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : Array.from(text, foldCharacter).join('')
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

function upperCharacter(character: string): string {
  if (LATER_LETTERS.test(character)) return character
  const upper = character.toUpperCase()
  if (isOneCharacter(upper)) return upper
  const codePoint = character.codePointAt(0) ?? 0
  const range = IOTA_CAPITALS.find(([first, last]) => codePoint >= first && codePoint <= last)
  return range === undefined ? character : String.fromCodePoint(codePoint + range[2])
}

function lowerCharacter(character: string): string {
  if (character === DOTTED_CAPITAL_I) return 'i'
  if (LATER_LETTERS.test(character)) return character
  const lower = character.toLowerCase()
  return isOneCharacter(lower) ? lower : character
}

/** Returns the form that letters of one case folding share. The Turkish letters fold with no other. */
function foldCharacter(character: string): string {
  if (character === DOTTED_CAPITAL_I || character === DOTLESS_SMALL_I) return character
  return lowerCharacter(upperCharacter(character))
}

function isOneCharacter(text: string): boolean {
  return text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff)
}
