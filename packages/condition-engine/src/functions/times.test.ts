import { expect, test } from 'vitest'
import { search } from '../expression/search.ts'

const now = (): Date => new Date('2024-05-06T07:08:09.999Z')

test.each<[string, unknown]>([
  ['time_now()', '2024-05-06T07:08:09Z'],
  ['time_now_utc(missing, `1`)', '2024-05-06T07:08:09Z'],
  ["time_since('', '2024-05-06T07:08:00Z', '')", '9.999s'],
  ["time_since('2006-01-02', '2024-01-01', '2024-01-03')", '48h0m0s'],
  ["time_add('2023-01-31T23:30:00+02:00', '45m')", '2023-02-01T00:15:00+02:00'],
  ["time_parse('0', '1700000000')", '2023-11-14T22:13:20Z'],
  ["time_parse('Jan 2, 2006 at 3:04pm (MST)', 'Feb 3, 2013 at 7:54pm (UTC)')", '2013-02-03T19:54:00Z'],
  ["time_to_cron('2023-02-02T15:04:05+01:00')", '4 15 2 2 4'],
  ["time_utc('2023-01-01T00:30:00+01:00')", '2022-12-31T23:30:00Z'],
  ["time_diff('2023-01-01T00:00:00Z', '2022-12-31T22:30:00Z')", '-1h30m0s'],
  ["time_before('2023-01-01T00:00:00+01:00', '2023-01-01T00:00:00Z')", true],
  ["time_after('2023-01-01T00:00:00Z', '2023-01-01T00:00:00Z')", false],
  ["time_between('2023-06-01T00:00:00Z', '2023-01-01T00:00:00Z', '2024-01-01T00:00:00Z')", true],
  ["time_between('2023-01-01T00:00:00Z', '2023-01-01T00:00:00Z', '2024-01-01T00:00:00Z')", false],
  ["time_truncate('2023-01-01T10:37:59Z', '1h')", '2023-01-01T10:00:00Z'],
])('evaluates %s', (expression, expected) => {
  expect(search(expression, {}, { now })).toBe(expected)
})

test.each(['time_now()', 'time_now_utc()', "time_since('', '2024-05-06T07:08:00Z', '')"])(
  '%s fails without a clock',
  (expression) => {
    expect(() => search(expression, null)).toThrow(expect.objectContaining({ kind: 'value' }))
  },
)

test.each([
  "time_utc('2023-01-01')",
  "time_add('2023-01-01T00:00:00Z', '1d')",
  "time_parse('2006', 'x')",
  "time_parse('0', 'x')",
  "time_parse('0', '9223372036854775808')",
  "time_truncate('2023-01-01T00:00:00Z', '')",
  "time_diff('', '')",
  "time_between('2023-01-01T00:00:00Z', 'x', 'y')",
])('%s fails', (expression) => {
  expect(() => search(expression, null)).toThrow(
    expect.objectContaining({ code: 'CONDITION_EVALUATION_FAILED', kind: 'value' }),
  )
})
