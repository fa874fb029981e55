/**
 * The order of the Go YAML library's keys, by which a person would sort: `rule-9` before `rule-10`.
 *
 * The first character that differs decides. Two letters go by their code points. Of a letter and something else, the letter
 * comes second, unless the two follow a digit. Everything else goes by the number that stands there.
 *
 * @see go.yaml.in/yaml/v3, sorter.go
 */
export function comparedAsKeys(one: string, other: string): number {
  const [left, right] = [[...one], [...other]]
  const at = left.findIndex((character, index) => character !== right[index])
  const [a, b] = [left[at], right[at]]
  if (a === undefined || b === undefined) return left.length - right.length
  const [aLetter, bLetter] = [isLetter(a), isLetter(b)]
  if (aLetter !== bLetter) return aLetter === isDigit(left[at - 1]) ? -1 : 1
  return compareNumbers(left, right, at) || codePoint(a) - codePoint(b)
}

function compareNumbers(left: readonly string[], right: readonly string[], at: number): number {
  // A nought in the middle of a number counts as a digit of it, and not as one that leads.
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

/** In 64 bits, as upstream counts: a number of twenty digits has overflowed. */
function numberOf(digits: readonly string[], inside: boolean): bigint {
  return digits.reduce(
    (number, digit) => BigInt.asIntN(64, number * 10n + BigInt(codePoint(digit) - 48)),
    inside ? 1n : 0n,
  )
}

const isLetter = (character: string): boolean => /^\p{L}$/u.test(character)
const isDigit = (character: string | undefined): boolean => character !== undefined && /^\p{Nd}$/u.test(character)
const codePoint = (character: string): number => character.codePointAt(0) ?? 0
