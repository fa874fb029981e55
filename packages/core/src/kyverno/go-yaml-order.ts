/**
 * Compares two keys in the natural order of the Go YAML library: `rule-9` before `rule-10`.
 *
 * The first character that differs decides. Two letters compare by code point. A letter comes after anything else,
 * unless the two follow a digit. Everything else compares by the number at that place.
 *
 * @see go.yaml.in/yaml/v3, sorter.go
 */
export function compareKeys(one: string, other: string): number {
  const [left, right] = [[...one], [...other]]
  const at = left.findIndex((character, index) => character !== right[index])
  const [a, b] = [left[at], right[at]]
  if (a === undefined || b === undefined) return left.length - right.length
  const [aLetter, bLetter] = [isLetter(a), isLetter(b)]
  if (aLetter !== bLetter) return aLetter === isDigit(left[at - 1]) ? -1 : 1
  return compareNumbers(left, right, at) || codePoint(a) - codePoint(b)
}

function compareNumbers(left: readonly string[], right: readonly string[], at: number): number {
  // A zero inside a number counts as a digit of it, not as a leading zero.
  const inside = (left[at] === '0' || right[at] === '0') && digitsBefore(left, at).some((digit) => digit !== '0')
  const [a, b] = [digitsFrom(left, at), digitsFrom(right, at)]
  const [aNumber, bNumber] = [numberOf(a, inside), numberOf(b, inside)]
  return aNumber === bNumber ? a.length - b.length : aNumber < bNumber ? -1 : 1
}

function digitsFrom(text: readonly string[], at: number): readonly string[] {
  const end = text.findIndex((character, index) => index >= at && !isDigit(character))
  return text.slice(at, end === -1 ? undefined : end)
}

function digitsBefore(text: readonly string[], at: number): readonly string[] {
  return text.slice(text.findLastIndex((character, index) => index < at && !isDigit(character)) + 1, at)
}

/** Computes in 64 bits, as Go does: a number of twenty digits overflows. */
function numberOf(digits: readonly string[], inside: boolean): bigint {
  return digits.reduce(
    (number, digit) => BigInt.asIntN(64, number * 10n + BigInt(codePoint(digit) - 48)),
    inside ? 1n : 0n,
  )
}

const isLetter = (character: string): boolean => /^\p{L}$/u.test(character)
const isDigit = (character: string | undefined): boolean => character !== undefined && /^\p{Nd}$/u.test(character)
const codePoint = (character: string): number => character.codePointAt(0) ?? 0
