import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseChallenges } from './challenge.ts'

const read = (header: string): unknown =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])

test.each([
  [
    'Bearer realm="https://auth.test/token",service="r",scope="repository:app:pull,push"',
    [['bearer', { realm: 'https://auth.test/token', service: 'r', scope: 'repository:app:pull,push' }]],
  ],
  ['Basic realm="a, b"', [['basic', { realm: 'a, b' }]]],
  [
    'Basic realm="a", Bearer realm="b"',
    [
      ['basic', { realm: 'a' }],
      ['bearer', { realm: 'b' }],
    ],
  ],
  ['BEARER Realm = x , error=invalid_token', [['bearer', { realm: 'x', error: 'invalid_token' }]]],
  [String.raw`Basic realm="a\"b\\c"`, [['basic', { realm: 'a"b\\c' }]]],
  [
    'Negotiate, Basic realm="x"',
    [
      ['negotiate', {}],
      ['basic', { realm: 'x' }],
    ],
  ],
  ['Basic', [['basic', {}]]],
  ['', []],
  [', ,', []],
])('parses %s', (header, expected) => {
  expect(read(header)).toEqual(expected)
})

test('drops a challenge with two realms', () => {
  expect(read('Bearer realm="https://a.test",realm="https://b.test"')).toEqual([])
})

test('ignores a header beyond the length limit', () => {
  expect(read(`Bearer realm="${'a'.repeat(1_000_000)}"`)).toEqual([])
})

test('never hangs or throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('B', '=', '"', ',', ' ', '\\', 'a'), maxLength: 2000 }), (header) => {
      expect(Array.isArray(parseChallenges(header))).toBe(true)
    }),
    { numRuns: 300 },
  )
})
