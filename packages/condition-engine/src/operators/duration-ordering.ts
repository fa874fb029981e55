import { durationOfSeconds, parseDuration } from '../values/duration.ts'
import type { GoValue } from '../values/go-value.ts'

/** The order of two durations, each a text such as `1h30m` or a number of seconds; `undefined` where one is neither. */
export function orderOfDurations(key: GoValue, value: GoValue): number | undefined {
  const left = durationOf(key)
  const right = durationOf(value)
  if (left === undefined || right === undefined) return undefined
  return left === right ? 0 : left < right ? -1 : 1
}

function durationOf(value: GoValue): bigint | undefined {
  if (typeof value === 'number') return durationOfSeconds(value)
  return typeof value === 'string' ? parseDuration(value) : undefined
}
