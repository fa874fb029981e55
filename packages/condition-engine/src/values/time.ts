import { MAX_INT64, MIN_INT64 } from '@verify-images/primitives'

/** A point in time with its zone, as Go's `time.Time`. */
export interface GoTime {
  /** Since 1970-01-01T00:00:00Z. */
  readonly nanoseconds: bigint
  /** Positive east of Greenwich. */
  readonly offsetSeconds: number
}

interface ClockFields {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** 0 is Sunday. */
  readonly weekday: number
}

const SECOND = 1_000_000_000n
const DAY_SECONDS = 86_400n
/** 0001-01-01T00:00:00Z, Go's zero time. */
const GO_ZERO: bigint = daysSinceEpoch(1, 1, 1) * DAY_SECONDS * SECOND

/** Creates a time from its fields in a zone. The caller has checked their ranges. */
export function timeOfFields(fields: Omit<ClockFields, 'weekday'>, nanosecond: number, offsetSeconds: number): GoTime {
  const days = daysSinceEpoch(fields.year, fields.month, fields.day)
  const seconds = days * DAY_SECONDS + BigInt(fields.hour * 3600 + fields.minute * 60 + fields.second - offsetSeconds)
  return { nanoseconds: seconds * SECOND + BigInt(nanosecond), offsetSeconds }
}

/** Creates a time from seconds since 1970, in UTC. */
export function timeOfUnix(seconds: bigint): GoTime {
  return { nanoseconds: seconds * SECOND, offsetSeconds: 0 }
}

/** Converts a `Date`, in UTC. */
export function timeOfDate(date: Date): GoTime {
  return { nanoseconds: BigInt(date.getTime()) * 1_000_000n, offsetSeconds: 0 }
}

export function inUtc(time: GoTime): GoTime {
  return { nanoseconds: time.nanoseconds, offsetSeconds: 0 }
}

export function addDuration(time: GoTime, duration: bigint): GoTime {
  return { nanoseconds: time.nanoseconds + duration, offsetSeconds: time.offsetSeconds }
}

/** Returns `left - right` as a duration, saturated to 64 bits as in Go. */
export function subtractTimes(left: GoTime, right: GoTime): bigint {
  const difference = left.nanoseconds - right.nanoseconds
  if (difference > MAX_INT64) return MAX_INT64
  return difference < MIN_INT64 ? MIN_INT64 : difference
}

/** Rounds down to a multiple of the duration since Go's zero time. A duration that is not positive changes nothing. */
export function truncateTime(time: GoTime, duration: bigint): GoTime {
  if (duration <= 0n) return time
  const rest = (time.nanoseconds - GO_ZERO) % duration
  return addDuration(time, rest < 0n ? -rest - duration : -rest)
}

/** Returns the date and the wall-clock time in the time's own zone. */
export function clockFields(time: GoTime): ClockFields {
  const local = floorDivide(time.nanoseconds, SECOND) + BigInt(time.offsetSeconds)
  const days = floorDivide(local, DAY_SECONDS)
  const seconds = Number(local - days * DAY_SECONDS)
  const weekday = Number((((days + 4n) % 7n) + 7n) % 7n)
  return {
    ...dateOfDays(days),
    hour: Math.trunc(seconds / 3600),
    minute: Math.trunc(seconds / 60) % 60,
    second: seconds % 60,
    weekday,
  }
}

/** Formats RFC 3339 with whole seconds and `Z` for an offset of zero. */
export function formatRfc3339(time: GoTime): string {
  const { year, month, day, hour, minute, second } = clockFields(time)
  return (
    `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}T${padded(hour, 2)}:${padded(minute, 2)}` +
    `:${padded(second, 2)}${formatZone(time.offsetSeconds)}`
  )
}

function formatZone(offsetSeconds: number): string {
  if (offsetSeconds === 0) return 'Z'
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60)
  return `${offsetSeconds < 0 ? '-' : '+'}${padded(Math.trunc(minutes / 60), 2)}:${padded(minutes % 60, 2)}`
}

function padded(value: number, width: number): string {
  return `${value < 0 ? '-' : ''}${String(Math.abs(value)).padStart(width, '0')}`
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  return dividend % divisor < 0n ? quotient - 1n : quotient
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years that begin in March. */
function daysSinceEpoch(year: number, month: number, day: number): bigint {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  return BigInt(
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468,
  )
}

function dateOfDays(days: bigint): Pick<ClockFields, 'year' | 'month' | 'day'> {
  const shifted = days + 719_468n
  const era = floorDivide(shifted, 146_097n)
  const dayOfEra = Number(shifted - era * 146_097n)
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const march = Math.floor((5 * dayOfYear + 2) / 153)
  const month = march < 10 ? march + 3 : march - 9
  return {
    year: Number(era) * 400 + yearOfEra + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * march + 2) / 5) + 1,
  }
}
