/** The elements of Go's time layouts (`2006`, `Jan`, `15`, `Z07:00`, …) and their parsers. */
/** The fields parsed so far. */
export interface TimeDraft {
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

/**
 * Parses one element from the start of the input into the draft. Returns the rest of the input, or `undefined` if it
 * does not match.
 */
export type ElementReader = (text: string, draft: TimeDraft, nextElement: string | undefined) => string | undefined

export const ELEMENT: RegExp =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|2006|[1-5]|_2(?!006)|__2|PM|pm|[-Z]07(?:0000|:00:00|00|:00)?|[.,](?:0+|9+)(?!\d)/g
const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const WEEKDAYS: readonly string[] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

type NumberField = 'month' | 'day' | 'hour' | 'minute' | 'second'

function number(field: NumberField, fixed: boolean, least: number, most: number): ElementReader {
  const form = fixed ? /^\d\d/ : /^\d\d?/
  return (text, draft) => {
    const digits = form.exec(text)?.[0]
    if (digits === undefined || Number(digits) < least || Number(digits) > most) return undefined
    draft[field] = Number(digits)
    return text.slice(digits.length)
  }
}

/** Also accepts a fraction that the layout does not have, unless its next element is a fraction. */
function second(fixed: boolean): ElementReader {
  const read = number('second', fixed, 0, 59)
  return (text, draft, nextElement) => {
    const rest = read(text, draft, nextElement)
    return rest === undefined || /^[.,]/.test(nextElement ?? '') ? rest : anyFraction(rest, draft, nextElement)
  }
}

const anyFraction: ElementReader = (text, draft) => {
  const fraction = /^[.,](\d+)/.exec(text)
  if (fraction === null) return text
  draft.nanosecond = nanosecondsOf(fraction[1] ?? '')
  return text.slice(fraction[0].length)
}

function exactFraction(places: number): ElementReader {
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

/** A name in any case, in full or abbreviated to three letters. */
function name(names: readonly string[], set: (draft: TimeDraft, index: number) => void): ElementReader {
  return (text, draft) => {
    const index = names.findIndex((each) => text.slice(0, each.length).toLowerCase() === each.toLowerCase())
    if (index < 0) return undefined
    set(draft, index)
    return text.slice(names[index]?.length)
  }
}

function setMonth(draft: TimeDraft, index: number): void {
  draft.month = index + 1
}

function ignore(): void {
  // Any weekday is accepted.
}

const shortYear: ElementReader = (text, draft) => {
  const year = /^[-+\d]\d/.exec(text)?.[0]
  if (year === undefined) return undefined
  draft.year = Number(year) + (Number(year) >= 69 ? 1900 : 2000)
  return text.slice(2)
}

const longYear: ElementReader = (text, draft) => {
  const year = /^\d{4}/.exec(text)?.[0]
  if (year === undefined) return undefined
  draft.year = Number(year)
  return text.slice(4)
}

function yearDay(fixed: boolean): ElementReader {
  const form = fixed ? /^\d{3}/ : /^ {0,2}\d{1,3}/
  return (text, draft) => {
    const digits = form.exec(text)?.[0]
    if (digits === undefined) return undefined
    draft.yearDay = Number(digits)
    return text.slice(digits.length)
  }
}

const paddedDay: ElementReader = (text, draft, next) => number('day', false, 0, 99)(text.replace(/^ /, ''), draft, next)

function half(upper: boolean): ElementReader {
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

function numericZone(element: string): ElementReader {
  const form = ZONE_FORMS.get(element.slice(1))
  return (text, draft) => {
    if (element.startsWith('Z') && text.startsWith('Z')) {
      draft.utc = true
      return text.slice(1)
    }
    const [all = '', sign = '', hours = '', minutes = '', seconds = ''] = form?.exec(text) ?? []
    // Go accepts offsets of 24 hours and 60 minutes, because they occur.
    if ((sign !== '+' && sign !== '-') || Number(hours) > 24 || Number(minutes) > 60 || Number(seconds) > 60)
      return undefined
    const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
    draft.offsetSeconds = sign === '-' ? -offset : offset
    return text.slice(all.length)
  }
}

/** A zone abbreviation. Only UTC and `GMT+3` define an offset; Go uses zero for all others, unless they are local. */
const ZONE_NAME =
  /^(?:ChST|MeST|GMT(?:[-+]0*(?:\d|1\d|2[0-3])(?!\d))?|[-+]0*(?:\d|1\d|2[0-3])(?!\d)|[A-Z]{4}T(?![A-Z])|(?:[A-Z]{3}T|WITA)(?![A-Z])|[A-Z]{3}(?![A-Z]))/

const zoneName: ElementReader = (text, draft) => {
  if (text.startsWith('UTC')) {
    draft.utc = true
    return text.slice(3)
  }
  const zone = ZONE_NAME.exec(text)?.[0]
  if (zone === undefined) return undefined
  draft.zoneName = zone
  return text.slice(zone.length)
}

const READERS: ReadonlyMap<string, ElementReader> = new Map([
  ['January', name(MONTHS, setMonth)],
  [
    'Jan',
    name(
      MONTHS.map((month) => month.slice(0, 3)),
      setMonth,
    ),
  ],
  ['Monday', name(WEEKDAYS, ignore)],
  [
    'Mon',
    name(
      WEEKDAYS.map((day) => day.slice(0, 3)),
      ignore,
    ),
  ],
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

/** Returns the parser of each element that {@link ELEMENT} finds. */
export function readerOf(element: string): ElementReader {
  if (/^[-Z]/.test(element)) return numericZone(element)
  if (/^[.,]/.test(element)) return element.endsWith('9') ? anyFraction : exactFraction(element.length - 1)
  return READERS.get(element) ?? ((text) => text)
}
