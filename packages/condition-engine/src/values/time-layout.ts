/**
 * Reads times by a Go layout, an example of the reference time `Mon Jan 2 15:04:05 MST 2006`.
 *
 * @see Go, package time: Parse
 */
import { LIMITS } from '../limits.ts'
import { goTime, type GoTime } from './time.ts'

/** What has been read so far. */
interface Draft {
  year: number
  month: number | undefined
  day: number | undefined
  yearDay: number | undefined
  hour: number
  minute: number
  second: number
  nanosecond: number
  half: 'am' | 'pm' | undefined
  utc: boolean
  offsetSeconds: number | undefined
  zoneName: string
}

/** Reads one element from the front of the text into the draft; the rest of the text, or `undefined` if it does not fit. */
type Reader = (text: string, draft: Draft, nextElement: string | undefined) => string | undefined

const ELEMENT = /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|2006|[1-5]|_2(?!006)|__2|PM|pm|[-Z]07(?:0000|:00:00|00|:00)?|[.,](?:0+|9+)(?!\d)/g
const RFC_3339 = '2006-01-02T15:04:05Z07:00'
const MONTHS: readonly string[] = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
const WEEKDAYS: readonly string[] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** The time of an RFC 3339 text. As in Go an hour of one digit, a fraction after a comma and an offset of `+24:60` are taken, too. */
export function parseRfc3339(text: string): GoTime | undefined {
  return parseTime(RFC_3339, text)
}

/** The time a text names in the layout; `undefined` where it does not fit. A text without zone is in UTC. */
export function parseTime(layout: string, text: string): GoTime | undefined {
  if (layout.length > LIMITS.timeLength || text.length > LIMITS.timeLength) return undefined
  const elements = [...layout.matchAll(ELEMENT)]
  const draft: Draft = {
    year: 0, month: undefined, day: undefined, yearDay: undefined, hour: 0, minute: 0, second: 0, nanosecond: 0,
    half: undefined, utc: false, offsetSeconds: undefined, zoneName: '',
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

/** A run of spaces in the layout stands for any run of spaces, or the end of the text. */
function skipLiteral(text: string, literal: string): string | undefined {
  let rest = text
  for (const [part] of literal.matchAll(/ +|[^ ]/g)) {
    const spaces = part.startsWith(' ')
    if (spaces ? rest !== '' && !rest.startsWith(' ') : !rest.startsWith(part)) return undefined
    rest = spaces ? rest.replace(/^ +/, '') : rest.slice(part.length)
  }
  return rest
}

type NumberField = 'month' | 'day' | 'hour' | 'minute' | 'second'

function number(field: NumberField, fixed: boolean, least: number, most: number): Reader {
  const form = fixed ? /^\d\d/ : /^\d\d?/
  return (text, draft) => {
    const digits = form.exec(text)?.[0]
    if (digits === undefined || Number(digits) < least || Number(digits) > most) return undefined
    draft[field] = Number(digits)
    return text.slice(digits.length)
  }
}

/** Also takes a fraction the layout does not ask for, unless its next element does. */
function second(fixed: boolean): Reader {
  const read = number('second', fixed, 0, 59)
  return (text, draft, nextElement) => {
    const rest = read(text, draft, nextElement)
    return rest === undefined || /^[.,]/.test(nextElement ?? '') ? rest : anyFraction(rest, draft, nextElement)
  }
}

const anyFraction: Reader = (text, draft) => {
  const fraction = /^[.,](\d+)/.exec(text)
  if (fraction === null) return text
  draft.nanosecond = nanosecondsOf(fraction[1] ?? '')
  return text.slice(fraction[0].length)
}

function exactFraction(places: number): Reader {
  return (text, draft) => {
    const fraction = text.slice(0, places + 1)
    if (fraction.length !== places + 1 || !/^[.,]\d+$/.test(fraction)) return undefined
    draft.nanosecond = nanosecondsOf(fraction.slice(1))
    return text.slice(places + 1)
  }
}

function nanosecondsOf(digits: string): number {
  return Number(digits.slice(0, 9).padEnd(9, '0'))
}

/** A name in any case, whole or its first three letters. */
function name(names: readonly string[], set: (draft: Draft, index: number) => void): Reader {
  return (text, draft) => {
    const index = names.findIndex((each) => text.slice(0, each.length).toLowerCase() === each.toLowerCase())
    if (index < 0) return undefined
    set(draft, index)
    return text.slice(names[index]?.length)
  }
}

function setMonth(draft: Draft, index: number): void {
  draft.month = index + 1
}

function ignore(): void {
  // A weekday is only checked for being one.
}

const shortYear: Reader = (text, draft) => {
  const year = /^[-+\d]\d/.exec(text)?.[0]
  if (year === undefined) return undefined
  draft.year = Number(year) + (Number(year) >= 69 ? 1900 : 2000)
  return text.slice(2)
}

const longYear: Reader = (text, draft) => {
  const year = /^\d{4}/.exec(text)?.[0]
  if (year === undefined) return undefined
  draft.year = Number(year)
  return text.slice(4)
}

function yearDay(fixed: boolean): Reader {
  const form = fixed ? /^\d{3}/ : /^ {0,2}\d{1,3}/
  return (text, draft) => {
    const digits = form.exec(text)?.[0]
    if (digits === undefined) return undefined
    draft.yearDay = Number(digits)
    return text.slice(digits.length)
  }
}

const paddedDay: Reader = (text, draft, next) => number('day', false, 0, 99)(text.replace(/^ /, ''), draft, next)

function half(upper: boolean): Reader {
  return (text, draft) => {
    const letters = text.slice(0, 2)
    const lower = letters.toLowerCase()
    if ((lower !== 'am' && lower !== 'pm') || letters !== (upper ? lower.toUpperCase() : lower)) return undefined
    draft.half = lower
    return text.slice(2)
  }
}

const ZONE_FORMS: ReadonlyMap<string, RegExp> = new Map([
  ['07', /^(.)(\d\d)/s],
  ['0700', /^(.)(\d\d)(\d\d)/s],
  ['07:00', /^(.)(\d\d):(\d\d)/s],
  ['070000', /^(.)(\d\d)(\d\d)(\d\d)/s],
  ['07:00:00', /^(.)(\d\d):(\d\d):(\d\d)/s],
])

function numericZone(element: string): Reader {
  const form = ZONE_FORMS.get(element.slice(1))
  return (text, draft) => {
    if (element.startsWith('Z') && text.startsWith('Z')) {
      draft.utc = true
      return text.slice(1)
    }
    const [all = '', sign = '', hours = '', minutes = '', seconds = ''] = form?.exec(text) ?? []
    // People do write offsets of 24 hours or 60 minutes, so Go takes them.
    if ((sign !== '+' && sign !== '-') || Number(hours) > 24 || Number(minutes) > 60 || Number(seconds) > 60) return undefined
    const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
    draft.offsetSeconds = sign === '-' ? -offset : offset
    return text.slice(all.length)
  }
}

/** A zone's abbreviation. Only UTC and `GMT+3` say an offset; Go takes all others for zero, unless they are local. */
const ZONE_NAME = /^(?:ChST|MeST|GMT(?:[-+]0*(?:\d|1\d|2[0-3])(?!\d))?|[-+]0*(?:\d|1\d|2[0-3])(?!\d)|[A-Z]{4}T(?![A-Z])|(?:[A-Z]{3}T|WITA)(?![A-Z])|[A-Z]{3}(?![A-Z]))/

const zoneName: Reader = (text, draft) => {
  if (text.startsWith('UTC')) {
    draft.utc = true
    return text.slice(3)
  }
  const zone = ZONE_NAME.exec(text)?.[0]
  if (zone === undefined) return undefined
  draft.zoneName = zone
  return text.slice(zone.length)
}

const READERS: ReadonlyMap<string, Reader> = new Map([
  ['January', name(MONTHS, setMonth)],
  ['Jan', name(MONTHS.map((month) => month.slice(0, 3)), setMonth)],
  ['Monday', name(WEEKDAYS, ignore)],
  ['Mon', name(WEEKDAYS.map((day) => day.slice(0, 3)), ignore)],
  ['MST', zoneName],
  ['2006', longYear],
  ['06', shortYear],
  ['1', number('month', false, 1, 12)],
  ['01', number('month', true, 1, 12)],
  ['2', number('day', false, 0, 99)],
  ['02', number('day', true, 0, 99)],
  ['_2', paddedDay],
  ['__2', yearDay(false)],
  ['002', yearDay(true)],
  ['15', number('hour', false, 0, 23)],
  ['3', number('hour', false, 0, 12)],
  ['03', number('hour', true, 0, 12)],
  ['4', number('minute', false, 0, 59)],
  ['04', number('minute', true, 0, 59)],
  ['5', second(false)],
  ['05', second(true)],
  ['PM', half(true)],
  ['pm', half(false)],
])

function readerOf(element: string): Reader {
  if (/^[-Z]/.test(element)) return numericZone(element)
  if (/^[.,]/.test(element)) return element.endsWith('9') ? anyFraction : exactFraction(element.length - 1)
  return READERS.get(element) ?? ((text) => text)
}

function finish(draft: Draft): GoTime | undefined {
  const date = draft.yearDay === undefined ? { month: draft.month ?? 1, day: draft.day ?? 1 } : dateOfYearDay(draft.year, draft.yearDay)
  if (date === undefined) return undefined
  if (draft.yearDay !== undefined && ((draft.month ?? date.month) !== date.month || (draft.day ?? date.day) !== date.day)) return undefined
  if (date.day < 1 || date.day > daysIn(draft.year, date.month)) return undefined
  const { year, minute, second: seconds } = draft
  const time = goTime({ year, ...date, hour: hourOf(draft), minute, second: seconds }, draft.nanosecond, numericOffset(draft))
  // `GMT+3` is a name to Go: it changes the zone the time is shown in, not what time it is.
  const named = !draft.utc && draft.offsetSeconds === undefined && draft.zoneName.length > 3 && draft.zoneName.startsWith('GMT')
  return named ? { nanoseconds: time.nanoseconds, offsetSeconds: Number(draft.zoneName.slice(3)) * 3600 } : time
}

function hourOf({ hour, half: part }: Draft): number {
  if (part === 'pm' && hour < 12) return hour + 12
  return part === 'am' && hour === 12 ? 0 : hour
}

/** Go keeps -1 for "no offset given". */
function numericOffset({ utc, offsetSeconds = 0 }: Draft): number {
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
