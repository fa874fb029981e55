import fc from 'fast-check'
import { expect, test } from 'vitest'
import { durationOfSeconds, durationSeconds, floatToInt64, formatDuration, parseDuration } from './duration.ts'

test.each([
  ['0', 0n],
  ['-0', 0n],
  ['1h', 3_600_000_000_000n],
  ['1h30m', 5_400_000_000_000n],
  ['-1.5s', -1_500_000_000n],
  ['+5ns', 5n],
  ['1.0000000000001s', 1_000_000_000n],
  ['.5m', 30_000_000_000n],
  ['1.m', 60_000_000_000n],
  ['1µs', 1_000n],
  ['1μs', 1_000n],
  ['9223372036854775807ns', 9223372036854775807n],
  ['-9223372036854775808ns', -9223372036854775808n],
])('%s is %i ns', (text, nanoseconds) => {
  expect(parseDuration(text)).toBe(nanoseconds)
})

test.each([
  '',
  '-',
  '1',
  '1.5',
  's',
  '.s',
  '1d',
  '1h ',
  ' 1h',
  '1hh',
  '1e3s',
  '9223372036854775808ns',
  '99999999999h',
  '1h-1m',
  `${'1'.repeat(300)}ns`,
])('%j is not a duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test.each([
  [0n, '0s'],
  [1n, '1ns'],
  [1_500n, '1.5µs'],
  [1_000_000n, '1ms'],
  [1_500_000_000n, '1.5s'],
  [3_600_000_000_000n, '1h0m0s'],
  [-61_000_000_000n, '-1m1s'],
  [-9223372036854775808n, '-2562047h47m16.854775808s'],
])('%i ns is printed as %s', (nanoseconds, text) => {
  expect(formatDuration(nanoseconds)).toBe(text)
})

test('a printed duration parses as the same duration', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (nanoseconds) => {
      const read = parseDuration(formatDuration(nanoseconds)) ?? 0n
      // Fractions pass through a float, which holds 53 bits.
      expect(read - nanoseconds < 600n && nanoseconds - read < 600n).toBe(true)
    }),
  )
})

test('truncates numbers of seconds, and wraps them as int64', () => {
  expect(durationOfSeconds(1.9)).toBe(1_000_000_000n)
  expect(durationOfSeconds(-1.9)).toBe(-1_000_000_000n)
  expect(durationOfSeconds(9_300_000_000)).toBe(BigInt.asIntN(64, 9_300_000_000_000_000_000n))
  expect(floatToInt64(Number.NaN)).toBe(-(2n ** 63n))
  expect(floatToInt64(1e300)).toBe(-(2n ** 63n))
  expect(durationSeconds(1_500_000_000n)).toBe(1.5)
})
