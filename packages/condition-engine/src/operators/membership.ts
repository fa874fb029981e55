import { ConditionError } from '../condition-error.ts'
import { goText, isGoArray, type GoArray, type GoValue } from '../values/go-value.ts'
import {
  matchesEitherWay,
  matchesValue,
  type Comparison,
  type Operator,
  type PatternSides,
  allStrings,
  isScalar,
  readStringArray,
} from './comparison.ts'

/** `In`, deprecated: a scalar is one of the elements, or every string of an array is. */
export const isIn: Operator = (key, value, sides) => {
  if (isScalar(key)) return scalarIn(goText(key), value, sides, false)
  return isGoArray(key) ? listIn(stringsOf(key), value, (inList) => inList) : undefined
}

/** `NotIn`, deprecated: a scalar is not one of the elements, or at least one string of an array is not. */
export const isNotIn: Operator = (key, value, sides) => {
  if (isGoArray(key)) return listIn(stringsOf(key), value, (inList) => !inList)
  const found = isScalar(key) ? scalarIn(goText(key), value, sides, undefined) : undefined
  return found === undefined ? undefined : !found
}

/** @param asText the answer for a value that neither matches the key nor is JSON */
function scalarIn(key: string, value: GoValue, sides: PatternSides, asText: Comparison): Comparison {
  if (isGoArray(value)) return value.some((element) => matchesEitherWay(key, goText(element), sides))
  if (typeof value !== 'string') return undefined
  if (matchesValue(key, value, sides)) return true
  const texts = readStringArray(value)
  if (texts === 'no-json') return asText
  return texts === 'other-json' ? undefined : texts.includes(key)
}

/**
 * Elements are compared exactly. A single key that equals the value counts as found for both operators, as in Kyverno.
 */
function listIn(keys: readonly string[], value: GoValue, wanted: (allFound: boolean) => boolean): Comparison {
  if (typeof value === 'string' && keys.length === 1 && keys[0] === value) return true
  const texts =
    typeof value === 'string' ? readStringArray(value) : isGoArray(value) && allStrings(value) ? value : 'other-json'
  if (typeof texts === 'string') return undefined
  const known = new Set(texts)
  return wanted(keys.every((key) => known.has(key)))
}

/** Kyverno panics on an array with anything but strings. */
function stringsOf(list: GoArray): readonly string[] {
  if (allStrings(list)) return list
  throw new ConditionError('CONDITION_VALUE_INVALID', 'type', 'array as key of In or NotIn: expected strings only')
}
