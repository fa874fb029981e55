import { goText, isGoArray, type GoValue } from '../values/go-value.ts'
import {
  allOf,
  anyOf,
  matchesEitherWay,
  matchesValue,
  type Comparison,
  type Operator,
  type PatternSides,
  isScalar,
  readStringArray,
} from './comparison.ts'
import { matchTextPattern, patternOperator } from './text-pattern.ts'

/** `AnyIn`: the key, or one of its elements, is among the value's elements or in its range. */
export const anyIn: Operator = (key, value, sides) => {
  if (isScalar(key)) return scalarIn(goText(key), value, sides)
  if (!isGoArray(key)) return undefined
  const found = listAmong(key, value, sides, {
    inRange: (texts, range) => anyOf(texts.map((text) => matchTextPattern(text, range))),
    inList: (texts, isElement) => texts.some(isElement),
    isValue: true,
    scalarValue: true,
  })
  return found === false && key.some(isUnsupported) ? undefined : found
}

/** `AllIn`: the key, or every one of its elements. */
export const allIn: Operator = (key, value, sides) => {
  if (isScalar(key)) return scalarIn(goText(key), value, sides)
  if (!isGoArray(key)) return undefined
  const found = listAmong(key, value, sides, {
    inRange: (texts, range) => allOf(texts.map((text) => matchTextPattern(text, range))),
    inList: (texts, isElement) => texts.every(isElement),
    isValue: true,
    scalarValue: false,
  })
  return found === false && key.some(isUnsupported) ? undefined : found
}

/** `AnyNotIn`: the key, or at least one of its elements, is not among them. */
export const anyNotIn: Operator = (key, value, sides) => {
  if (isScalar(key)) return scalarNotIn(goText(key), value, sides)
  if (!isGoArray(key)) return undefined
  return listAmong(key, value, sides, {
    // Kyverno reads the first minus, which is the sign of a negative bound, as "outside of".
    inRange: (texts, range) => anyOf(texts.map((text) => matchTextPattern(text, range.replace('-', '!-')))),
    inList: (texts, isElement) => !texts.every(isElement),
    isValue: false,
    scalarValue: true,
  })
}

/** `AllNotIn`: neither the key nor any of its elements is among them. */
export const allNotIn: Operator = (key, value, sides) => {
  if (isScalar(key)) return scalarNotIn(goText(key), value, sides)
  if (!isGoArray(key)) return undefined
  return listAmong(key, value, sides, {
    inRange: (texts, range) => texts.every((text) => matchTextPattern(text, range) !== true),
    inList: (texts, isElement) => !texts.some(isElement),
    isValue: false,
    scalarValue: false,
  })
}

function scalarNotIn(key: string, value: GoValue, sides: PatternSides): Comparison {
  const range = typeof value === 'string' && isRange(value)
  const found = scalarIn(key, value, sides)
  // Values that cannot be ordered are not in the range; a value of the wrong type gives no answer.
  return found === undefined && !range ? undefined : found !== true
}

function scalarIn(key: string, value: GoValue, sides: PatternSides): Comparison {
  if (isGoArray(value)) return value.some((element) => matchesEitherWay(key, goText(element), sides))
  if (typeof value !== 'string') return undefined
  if (matchesValue(key, value, sides)) return true
  if (isRange(value)) return matchTextPattern(key, value)
  const texts = readStringArray(value)
  if (texts === 'no-json') return false
  return texts === 'other-json' ? undefined : texts.includes(key)
}

/** The answer of an operator for an array of keys, by the form of the value. */
interface ListQuestion {
  readonly inRange: (texts: readonly string[], range: string) => Comparison
  readonly inList: (texts: readonly string[], isElement: (text: string) => boolean) => boolean
  /** The answer if the value equals the only key. */
  readonly isValue: boolean
  /** Whether a number or boolean counts as an array with one element. */
  readonly scalarValue: boolean
}

function listAmong(keys: readonly GoValue[], value: GoValue, sides: PatternSides, question: ListQuestion): Comparison {
  const texts = keys.map(goText)
  if (typeof value === 'string') {
    if (texts.length === 1 && texts[0] === value) return question.isValue
    if (isRange(value)) return question.inRange(texts, value)
  }
  const elements = elementsOf(value, question)
  return (
    elements && question.inList(texts, (text) => elements.some((element) => matchesEitherWay(text, element, sides)))
  )
}

function elementsOf(value: GoValue, { scalarValue }: ListQuestion): readonly string[] | undefined {
  if (isGoArray(value)) return value.map(goText)
  if (typeof value === 'string') {
    const texts = readStringArray(value)
    if (texts === 'no-json') return [value]
    return texts === 'other-json' ? undefined : texts
  }
  return scalarValue && isScalar(value) ? [goText(value)] : undefined
}

function isRange(value: string): boolean {
  return patternOperator(value) === '-'
}

/** Kyverno compares null, arrays and objects among the keys by Go's format, which is meaningless. */
function isUnsupported(value: GoValue): boolean {
  return value === null || typeof value === 'object'
}
