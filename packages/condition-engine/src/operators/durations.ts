import { durationOfSeconds, parseDuration } from '../values/duration.ts'
import type { GoValue } from '../values/go-value.ts'

/**
 * Returns key and value as durations, if at least one is a duration string (`0` does not count) and the other one is a
 * duration string or a number of seconds.
 */
export function comparableDurations(key: GoValue, value: GoValue): readonly [key: bigint, value: bigint] | undefined {
  const keyText = durationText(key)
  const valueText = durationText(value)
  if (keyText === undefined && valueText === undefined) return undefined
  const left = keyText ?? secondsOf(key)
  const right = valueText ?? secondsOf(value)
  return left === undefined || right === undefined ? undefined : [left, right]
}

function durationText(value: GoValue): bigint | undefined {
  return typeof value === 'string' && value !== '0' ? parseDuration(value) : undefined
}

function secondsOf(value: GoValue): bigint | undefined {
  return typeof value === 'number' ? durationOfSeconds(value) : undefined
}

/**
 * Compares two durations, each a string such as `1h30m` or a number of seconds. Returns `undefined` if one is neither.
 */
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
