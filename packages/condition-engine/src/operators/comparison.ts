import { matchWildcard } from '@verify-images/primitives'
import type { GoValue } from '../values/go-value.ts'

/**
 * What an operator says. `undefined`: the types of key and value allow no answer. Kyverno takes that for "does not hold",
 * so a deny rule lets through what it could not compare; who asks decides what it means here.
 */
export type Comparison = boolean | undefined

/** Which sides of a condition may be patterns. An equal text always matches. */
export interface PatternSides {
  readonly key: boolean
  readonly value: boolean
}

export type Operator = (key: GoValue, value: GoValue, sides: PatternSides) => Comparison

/** Whether a key fits an element of a list; both may be patterns. */
export function matchesEitherWay(key: string, element: string, sides: PatternSides): boolean {
  return matchesValue(key, element, sides) || (sides.key && matchWildcard(key, element))
}

/** Whether a key fits the value, where only the value may be a pattern. */
export function matchesValue(key: string, value: string, sides: PatternSides): boolean {
  return key === value || (sides.value && matchWildcard(value, key))
}

/** True if some is true; else undefined if some could not be told. */
export function anyOf(comparisons: Iterable<Comparison>): Comparison {
  let result: Comparison = false
  for (const comparison of comparisons) {
    if (comparison === true) return true
    if (comparison === undefined) result = undefined
  }
  return result
}

/** False if some is false; else undefined if some could not be told. */
export function allOf(comparisons: Iterable<Comparison>): Comparison {
  let result: Comparison = true
  for (const comparison of comparisons) {
    if (comparison === false) return false
    if (comparison === undefined) result = undefined
  }
  return result
}
