import { expect, test } from 'vitest'
import { parseDateTime } from './critical-attributes.ts'

test.each([
  ['2026-01-15T10:00:00Z', '2026-01-15T10:00:00.000Z'],
  ['2026-01-15T10:00:00.5Z', '2026-01-15T10:00:00.500Z'],
  ['2026-01-15T10:00:00+02:00', '2026-01-15T08:00:00.000Z'],
  ['2024-02-29T00:00:00-00:00', '2024-02-29T00:00:00.000Z'],
])('parses %s', (text, iso) => {
  expect(parseDateTime(text)?.toISOString()).toBe(iso)
})

test.each([
  '',
  '2026-01-15',
  '2026-01-15 10:00:00Z',
  '2026-01-15T10:00:00',
  '2026-01-15t10:00:00z',
  '2026-02-29T00:00:00Z',
  '2026-01-15T24:00:00Z',
  '2026-01-15T10:00:60Z',
  '2026-01-15T10:00:00+24:00',
  '2026-01-15T10:00:00Z ',
  '+02026-01-15T10:00:00Z',
  '2026-13-01T00:00:00Z',
])('rejects %j, which is not an RFC 3339 date and time', (text) => {
  expect(parseDateTime(text)).toBeUndefined()
})
