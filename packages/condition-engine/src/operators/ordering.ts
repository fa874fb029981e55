import { parseGoFloat } from '@verify-images/primitives'
import { durationSeconds } from '../values/duration.ts'
import type { GoValue } from '../values/go-value.ts'
import { compareQuantities, parseQuantity } from '../values/quantity.ts'
import { compareVersions, parseVersion } from '../values/semver.ts'
import { comparableDurations } from './durations.ts'
import type { Operator } from './comparison.ts'

/** Creates an operator from a test of the order of key and value (negative, zero or positive). */
export function ordering(
  order: (key: GoValue, value: GoValue) => number | undefined,
  wanted: (order: number) => boolean,
): Operator {
  return (key, value) => {
    const found = order(key, value)
    return found === undefined ? undefined : wanted(found)
  }
}

/** Compares as numbers, durations, quantities or versions, whichever parses first. Returns `undefined` if none does. */
export function orderOf(key: GoValue, value: GoValue): number | undefined {
  if (typeof key === 'number') return orderOfNumber(key, value)
  return typeof key === 'string' ? orderOfString(key, value) : undefined
}

function orderOfNumber(key: number, value: GoValue): number | undefined {
  if (typeof value === 'number') return compareNumbers(key, value)
  if (typeof value !== 'string') return undefined
  return orderOfDurations(key, value) ?? compareNumbers(key, parseGoFloat(value))
}

function orderOfString(key: string, value: GoValue): number | undefined {
  const durations = orderOfDurations(key, value)
  if (durations !== undefined) return durations
  const quantity = parseQuantity(key)
  const otherQuantity = typeof value === 'string' ? parseQuantity(value) : undefined
  if (quantity !== undefined && otherQuantity !== undefined) return compareQuantities(quantity, otherQuantity)
  const number = parseGoFloat(key)
  if (number !== undefined) return orderOfNumber(number, value)
  const version = parseVersion(key)
  const otherVersion = typeof value === 'string' ? parseVersion(value) : undefined
  return version === undefined || otherVersion === undefined ? undefined : compareVersions(version, otherVersion)
}

function orderOfDurations(key: GoValue, value: GoValue): number | undefined {
  const durations = comparableDurations(key, value)
  return durations && compareNumbers(durationSeconds(durations[0]), durationSeconds(durations[1]))
}

/** NaN has no order. */
function compareNumbers(left: number, right: number | undefined): number | undefined {
  if (right === undefined || Number.isNaN(left) || Number.isNaN(right)) return undefined
  return left === right ? 0 : left < right ? -1 : 1
}
