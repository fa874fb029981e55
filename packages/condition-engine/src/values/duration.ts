/**
 * Durations as in Go: a signed 64-bit number of nanoseconds, here a `bigint` that callers keep in range with
 * {@link wrapInt64}.
 *
 * @see Go, package time: ParseDuration, Duration.String
 */
import { LIMITS } from '../limits.ts'

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
])
const SECOND = 1_000_000_000n
const MAX_MAGNITUDE = 1n << 63n
const COMPONENT = /(\d*)(?:\.(\d*))?([^.\d]+)/y
const NOT_A_DURATION = /[^-+.\dhmnsuµμ]/

/** Wraps a value to 64 bits, as Go's integer arithmetic does on overflow. */
export function wrapInt64(value: bigint): bigint {
  return BigInt.asIntN(64, value)
}

/**
 * Converts a float to int64 as Go on amd64 does: truncated toward zero. NaN and values out of range give the smallest
 * integer.
 */
export function floatToInt64(value: number): bigint {
  const inRange = value >= -(2 ** 63) && value < 2 ** 63
  return inRange ? BigInt(Math.trunc(value)) : -MAX_MAGNITUDE
}

/**
 * Parses a duration such as `1h30m` or `-1.5s` to nanoseconds. Returns `undefined` if it is not one or exceeds 64 bits.
 */
export function parseDuration(text: string): bigint | undefined {
  if (text.length === 0 || text.length > LIMITS.durationLength || NOT_A_DURATION.test(text)) return undefined
  const negative = text.startsWith('-')
  const unsigned = negative || text.startsWith('+') ? text.slice(1) : text
  if (unsigned === '0') return 0n
  let total = 0n
  for (let at = 0; at < unsigned.length || at === 0;) {
    COMPONENT.lastIndex = at
    const component = COMPONENT.exec(unsigned)
    const nanoseconds = component === null ? undefined : componentOf(component)
    if (component === null || nanoseconds === undefined) return undefined
    total += nanoseconds
    if (total > MAX_MAGNITUDE) return undefined
    at += component[0].length
  }
  if (negative) return -total
  return total === MAX_MAGNITUDE ? undefined : total
}

function componentOf([, whole = '', fraction = '', name = '']: RegExpExecArray): bigint | undefined {
  const unit = UNITS.get(name)
  if (unit === undefined || (whole === '' && fraction === '')) return undefined
  const units = BigInt(whole)
  if (units > MAX_MAGNITUDE / unit) return undefined
  const nanoseconds = units * unit + fractionOf(fraction, unit)
  return nanoseconds > MAX_MAGNITUDE ? undefined : nanoseconds
}

/**
 * Go computes the fraction as a float, so its last nanosecond is truncated alike; digits beyond 64 bits are dropped.
 */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n
  let scale = 1
  for (const digit of digits) {
    if (value > (MAX_MAGNITUDE - 1n) / 10n) break
    const next = value * 10n + BigInt(digit)
    if (next > MAX_MAGNITUDE) break
    value = next
    scale *= 10
  }
  return value === 0n ? 0n : BigInt(Math.trunc(Number(value) * (Number(unit) / scale)))
}

/** Formats a duration as Go does: `1h30m0s`, `1.5s`, `100ms`, `0s`. */
export function formatDuration(duration: bigint): string {
  if (duration === 0n) return '0s'
  const sign = duration < 0n ? '-' : ''
  const magnitude = duration < 0n ? -duration : duration
  if (magnitude < SECOND) return sign + formatBelowSecond(magnitude)
  const seconds = magnitude / SECOND
  const tail = `${withFraction(seconds % 60n, magnitude % SECOND, 9)}s`
  if (seconds < 60n) return sign + tail
  const minutes = seconds / 60n
  return sign + (minutes < 60n ? `${minutes}m${tail}` : `${minutes / 60n}h${minutes % 60n}m${tail}`)
}

function formatBelowSecond(magnitude: bigint): string {
  if (magnitude < 1_000n) return `${magnitude}ns`
  if (magnitude < 1_000_000n) return `${withFraction(magnitude / 1_000n, magnitude % 1_000n, 3)}µs`
  return `${withFraction(magnitude / 1_000_000n, magnitude % 1_000_000n, 6)}ms`
}

function withFraction(whole: bigint, rest: bigint, places: number): string {
  const digits = rest
    .toString()
    .padStart(places, '0')
    .replace(/(?<!0)0+$|^0+$/, '')
  return digits === '' ? `${whole}` : `${whole}.${digits}`
}

/** Returns the seconds as a float, computed as Go's `Duration.Seconds` does. */
export function durationSeconds(duration: bigint): number {
  return Number(duration / SECOND) + Number(duration % SECOND) / 1e9
}

/** Converts seconds to a duration. The fraction is truncated, and values out of range wrap. */
export function durationOfSeconds(seconds: number | bigint): bigint {
  return wrapInt64((typeof seconds === 'bigint' ? seconds : floatToInt64(seconds)) * SECOND)
}
