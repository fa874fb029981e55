import { parseGoFloat } from '@verify-images/primitives'
import { durationSeconds } from '../values/duration.ts'
import { deepEqual, isGoArray, isGoObject, type GoValue } from '../values/go-value.ts'
import { compareQuantities, parseQuantity } from '../values/quantity.ts'
import { comparableDurations } from './durations.ts'
import { matchesValue, type Comparison, type Operator, type PatternSides } from './comparison.ts'

/**
 * `Equals`: the type of the key decides; a string is compared as a duration, as a quantity, or with the value as a
 * pattern.
 */
export const equals: Operator = (key, value, sides) => {
  if (typeof key === 'string') return stringEquals(key, value, sides)
  if (typeof key === 'number') return numberEquals(key, value)
  if (typeof key === 'boolean') return typeof value === 'boolean' ? key === value : undefined
  const comparable = (isGoArray(key) && isGoArray(value)) || (isGoObject(key) && isGoObject(value))
  if (!comparable) return undefined
  if (deepEqual(key, value, false)) return true
  // Equal except for integers on one side and floats on the other.
  return deepEqual(key, value, true) ? undefined : false
}

/** `NotEquals`: also holds if the types differ, but not for a null key. */
export const notEquals: Operator = (key, value, sides) =>
  key === null ? undefined : equals(key, value, sides) !== true

function numberEquals(key: number, value: GoValue): Comparison {
  if (typeof value === 'number') return key === value
  if (typeof value !== 'string') return undefined
  const number = parseGoFloat(value)
  return number === undefined ? undefined : number === key
}

function stringEquals(key: string, value: GoValue, sides: PatternSides): Comparison {
  const durations = comparableDurations(key, value)
  if (durations !== undefined) return durationSeconds(durations[0]) === durationSeconds(durations[1])
  if (typeof value !== 'string') return undefined
  const quantity = parseQuantity(key)
  if (quantity === undefined) return matchesValue(key, value, sides)
  const other = parseQuantity(value)
  if (other !== undefined) return compareQuantities(quantity, other) === 0
  // A key that parses as a quantity never matches a pattern, although its string may.
  return matchesValue(key, value, sides) ? undefined : false
}
