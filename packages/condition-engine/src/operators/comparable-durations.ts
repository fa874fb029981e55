import { durationOfSeconds, parseDuration } from '../values/duration.ts'
import type { GoValue } from '../values/go-value.ts'

/**
 * Key and value as durations, if at least one is a duration text (`0` is not counted as one) and the other one, too, or a
 * number of seconds.
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
