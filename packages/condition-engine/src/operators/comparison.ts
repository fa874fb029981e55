import { matchWildcard } from '@verify-images/primitives'
import { isGoArray, type GoValue } from '../values/go-value.ts'

/**
 * The answer of an operator; `undefined` if the types of key and value allow none. To Kyverno that means "does not
 * hold", so a deny rule admits what it cannot compare; here the caller decides.
 */
export type Comparison = boolean | undefined

/** Which sides of a condition may be patterns. Equal strings always match. */
export interface PatternSides {
  readonly key: boolean
  readonly value: boolean
}

export type Operator = (key: GoValue, value: GoValue, sides: PatternSides) => Comparison

/** Returns whether a key matches an element of an array. Both may be patterns. */
export function matchesEitherWay(key: string, element: string, sides: PatternSides): boolean {
  return matchesValue(key, element, sides) || (sides.key && matchWildcard(key, element))
}

/** Returns whether a key matches the value. Only the value may be a pattern. */
export function matchesValue(key: string, value: string, sides: PatternSides): boolean {
  return key === value || (sides.value && matchWildcard(value, key))
}

/** Returns true if any answer is true; otherwise undefined if any is undefined. */
export function anyOf(comparisons: Iterable<Comparison>): Comparison {
  let result: Comparison = false
  for (const comparison of comparisons) {
    if (comparison === true) return true
    if (comparison === undefined) result = undefined
  }
  return result
}

/** Returns false if any answer is false; otherwise undefined if any is undefined. */
export function allOf(comparisons: Iterable<Comparison>): Comparison {
  let result: Comparison = true
  for (const comparison of comparisons) {
    if (comparison === false) return false
    if (comparison === undefined) result = undefined
  }
  return result
}

/** A string parsed as a JSON array of strings: the strings, or whether it is other JSON or not JSON. */
export type StringArray = readonly string[] | 'other-json' | 'no-json'

/** Parses `["a","b"]`. As in Go, `null` is the empty array and a null element the empty string. */
export function readStringArray(text: string): StringArray {
  let value: GoValue
  try {
    value = JSON.parse(text)
  } catch {
    return 'no-json'
  }
  if (value === null) return []
  if (!isGoArray(value)) return 'other-json'
  const texts = value.map((item) => item ?? '')
  return allStrings(texts) ? texts : 'other-json'
}

/** Returns whether every element is a string. */
export function allStrings(list: readonly GoValue[]): list is readonly string[] {
  return list.every((item) => typeof item === 'string')
}

/** Returns whether a value is a string, a number or a boolean, which operators compare as strings. */
export function isScalar(value: GoValue): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
