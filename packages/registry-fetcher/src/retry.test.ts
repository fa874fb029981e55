import { expect, test } from 'vitest'
import { DEFAULT_LIMITS } from './limits.ts'
import { retryDelay } from './retry.ts'

const limits = { ...DEFAULT_LIMITS, retryDelayMs: 200, retryAfterMs: 2000 }
const headers =
  (values: Record<string, string>) =>
  (name: string): string | undefined =>
    values[name]
const DATE = 'Wed, 21 Oct 2026 07:28:00 GMT'

test.each([
  ['no header', {}, 200],
  ['a second', { 'retry-after': '1' }, 1000],
  ['nothing', { 'retry-after': '0' }, 200],
  ['a day', { 'retry-after': '86400' }, undefined],
  ['more than there are numbers', { 'retry-after': '9'.repeat(400) }, undefined],
  ['a negative number', { 'retry-after': '-5' }, 200],
  ['no number', { 'retry-after': 'soon' }, 200],
  ['a date one second on', { 'retry-after': 'Wed, 21 Oct 2026 07:28:01 GMT', date: DATE }, 1000],
  ['a date far on', { 'retry-after': 'Wed, 21 Oct 2099 07:28:00 GMT', date: DATE }, undefined],
  ['a date that is past', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT', date: DATE }, 200],
  ['a date without a date to hold it against', { 'retry-after': DATE }, 200],
])('%s', (_, values: Record<string, string>, expected) => {
  expect(retryDelay(1, headers(values), limits)).toBe(expected)
})

test('doubles with each attempt, up to the limit', () => {
  expect([1, 2, 3, 10].map((tried) => retryDelay(tried, undefined, limits))).toEqual([200, 400, 800, 2000])
})
