/**
 * Parses times by a Go layout, which is the reference time `Mon Jan 2 15:04:05 MST 2006` in the wanted format.
 *
 * @see Go, package time: Parse
 */
import { LIMITS } from '../limits.ts'
import { ELEMENT, readerOf, type TimeDraft } from './time-element.ts'
import { timeOfFields, type GoTime } from './time.ts'

const RFC_3339 = '2006-01-02T15:04:05Z07:00'

/**
 * Parses RFC 3339. As Go does, it also accepts an hour of one digit, a fraction after a comma and an offset of
 * `+24:60`.
 */
export function parseRfc3339(text: string): GoTime | undefined {
  return parseTime(RFC_3339, text)
}

/** Parses a time by a layout. Returns `undefined` if it does not match. A time without a zone is in UTC. */
export function parseTime(layout: string, text: string): GoTime | undefined {
  if (layout.length > LIMITS.timeLength || text.length > LIMITS.timeLength) return undefined
  const elements = [...layout.matchAll(ELEMENT)]
  const draft: TimeDraft = {
    year: 0,
    month: undefined,
    day: undefined,
    yearDay: undefined,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    half: undefined,
    utc: false,
    offsetSeconds: undefined,
    zoneName: '',
  }
  let rest: string | undefined = text
  let end = 0
  for (const [index, element] of elements.entries()) {
    rest = skipLiteral(rest, layout.slice(end, element.index))
    if (rest === undefined) return undefined
    rest = readerOf(element[0])(rest, draft, elements[index + 1]?.[0])
    if (rest === undefined) return undefined
    end = element.index + element[0].length
  }
  return skipLiteral(rest, layout.slice(end)) === '' ? finish(draft) : undefined
}

/** A run of spaces in the layout matches any run of spaces, or the end of the input. */
function skipLiteral(text: string, literal: string): string | undefined {
  let rest = text
  for (const [part] of literal.matchAll(/ +|[^ ]/g)) {
    const spaces = part.startsWith(' ')
    if (spaces ? rest !== '' && !rest.startsWith(' ') : !rest.startsWith(part)) return undefined
    rest = spaces ? rest.replace(/^ +/, '') : rest.slice(part.length)
  }
  return rest
}

function finish(draft: TimeDraft): GoTime | undefined {
  const date =
    draft.yearDay === undefined
      ? { month: draft.month ?? 1, day: draft.day ?? 1 }
      : dateOfYearDay(draft.year, draft.yearDay)
  if (date === undefined) return undefined
  if (
    draft.yearDay !== undefined &&
    ((draft.month ?? date.month) !== date.month || (draft.day ?? date.day) !== date.day)
  )
    return undefined
  if (date.day < 1 || date.day > daysIn(draft.year, date.month)) return undefined
  const { year, minute, second: seconds } = draft
  const time = timeOfFields(
    { year, ...date, hour: hourOf(draft), minute, second: seconds },
    draft.nanosecond,
    numericOffset(draft),
  )
  // To Go `GMT+3` is a name: it changes the zone in which the time is shown, not the instant.
  const named =
    !draft.utc && draft.offsetSeconds === undefined && draft.zoneName.length > 3 && draft.zoneName.startsWith('GMT')
  return named ? { nanoseconds: time.nanoseconds, offsetSeconds: Number(draft.zoneName.slice(3)) * 3600 } : time
}

function hourOf({ hour, half: part }: TimeDraft): number {
  if (part === 'pm' && hour < 12) return hour + 12
  return part === 'am' && hour === 12 ? 0 : hour
}

/** Go represents a missing offset by -1. */
function numericOffset({ utc, offsetSeconds = 0 }: TimeDraft): number {
  return utc || offsetSeconds === -1 ? 0 : offsetSeconds
}

function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
}

function dateOfYearDay(year: number, dayOfYear: number): { readonly month: number; readonly day: number } | undefined {
  let day = dayOfYear
  for (let month = 1; month <= 12; month++) {
    if (day <= daysIn(year, month)) return day < 1 ? undefined : { month, day }
    day -= daysIn(year, month)
  }
  return undefined
}
