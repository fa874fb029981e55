import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRfc3339, parseTime } from './time-layout.ts'
import {
  addDuration,
  clockFields,
  formatRfc3339,
  timeOfDate,
  timeOfUnix,
  inUtc,
  subtractTimes,
  truncateTime,
  type GoTime,
} from './time.ts'

const HOUR = 3_600_000_000_000n

function time(text: string): GoTime {
  const parsed = parseRfc3339(text)
  if (parsed === undefined) throw new Error(`not a time: ${text}`)
  return parsed
}

test('times agree with Date on every second that Date can represent', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
      (date) => {
        const text = `${date.toISOString().slice(0, 19)}Z`
        expect(formatRfc3339(time(text))).toBe(text)
        expect(time(text).nanoseconds).toBe(BigInt(Date.parse(text)) * 1_000_000n)
        expect(clockFields(timeOfDate(date)).weekday).toBe(date.getUTCDay())
      },
    ),
  )
})

test.each([
  ['2023-01-15T10:00:00+05:30', '2023-01-15T10:00:00+05:30'],
  ['2023-01-15T10:00:00-00:00', '2023-01-15T10:00:00Z'],
  ['2023-01-15T1:00:00Z', '2023-01-15T01:00:00Z'],
  ['2023-01-15T10:00:00,5Z', '2023-01-15T10:00:00Z'],
  ['2023-01-15T10:00:00+24:00', '2023-01-15T10:00:00+24:00'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
])('parses %s as %s', (text, printed) => {
  expect(formatRfc3339(time(text))).toBe(printed)
})

test.each([
  '',
  '2023-02-29T00:00:00Z',
  '2023-13-01T00:00:00Z',
  '2023-01-15T24:00:00Z',
  '2023-01-15T10:00:60Z',
  '2023-01-15 10:00:00Z',
  '2023-01-15T10:00:00',
  '2023-01-15T10:00:00Z ',
  '2023-1-15T10:00:00Z',
])('%j is not an RFC 3339 time', (text) => {
  expect(parseRfc3339(text)).toBeUndefined()
})

test.each([
  ['Jan 2, 2006 at 3:04pm (MST)', 'feb 3, 2013 at 7:54pm (PST)', '2013-02-03T19:54:00Z'],
  ['Monday, 02-Jan-06 15:04:05 MST', 'Sunday, 02-Jan-69 15:04:05 GMT-7', '1969-01-02T08:04:05-07:00'],
  ['Mon Jan _2 15:04:05 2006', 'Tue Feb  3 15:04:05.9 2004', '2004-02-03T15:04:05Z'],
  ['2006-002', '2024-060', '2024-02-29T00:00:00Z'],
  ['06/1/2', '99/12/31', '1999-12-31T00:00:00Z'],
  ['15:04:05.000', '10:11:12.123', '0000-01-01T10:11:12Z'],
  ['3:04PM', '12:30AM', '0000-01-01T00:30:00Z'],
  ['2006-01-02 -0700', '2023-01-15 -0130', '2023-01-15T00:00:00-01:30'],
  ['_2006', '_2023', '2023-01-01T00:00:00Z'],
])('parses by the layout %j the string %j as %s', (layout, text, printed) => {
  const parsed = parseTime(layout, text)
  expect(parsed && formatRfc3339(parsed)).toBe(printed)
})

test.each([
  ['2006-002', '2023-366'],
  ['Mon', 'Xyz'],
  ['15:04:05.000', '10:11:12.12'],
  ['3:04PM', '13:00PM'],
  ['MST', 'utc'],
  ['2006', '2023x'],
])('by the layout %j, %j is not a time', (layout, text) => {
  expect(parseTime(layout, text)).toBeUndefined()
})

test('arithmetic of times has nanoseconds', () => {
  const noon = time('2023-01-15T12:00:00+02:00')
  expect(formatRfc3339(addDuration(noon, HOUR))).toBe('2023-01-15T13:00:00+02:00')
  expect(formatRfc3339(inUtc(noon))).toBe('2023-01-15T10:00:00Z')
  expect(subtractTimes(time('2023-01-15T11:00:00Z'), noon)).toBe(HOUR)
  expect(subtractTimes(time('9999-01-01T00:00:00Z'), time('0001-01-01T00:00:00Z'))).toBe(2n ** 63n - 1n)
  expect(formatRfc3339(truncateTime(time('2023-01-15T10:29:31Z'), HOUR))).toBe('2023-01-15T10:00:00Z')
  expect(truncateTime(noon, -1n)).toBe(noon)
  expect(formatRfc3339(timeOfUnix(-1n))).toBe('1969-12-31T23:59:59Z')
})
