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

const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9._~+-]{0,9}$/)
const parameters = fc.uniqueArray(fc.tuple(token, fc.string({ unit: 'grapheme-ascii', maxLength: 20 })), {
  selector: ([name]) => name.toLowerCase(),
  maxLength: 5,
})
const quote = (value: string): string => `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`

test('parses every list of challenges with quoted parameters back to itself', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(token, parameters), { maxLength: 5 }), (challenges) => {
      const header = challenges
        .map(([scheme, pairs]) => `${scheme} ${pairs.map(([name, value]) => `${name}=${quote(value)}`).join(', ')}`)
        .join(', ')
      expect(read(header)).toEqual(
        challenges.map(([scheme, pairs]) => [
          scheme.toLowerCase(),
          Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value])),
        ]),
      )
    }),
  )
})

test('reads no challenge and no parameter beyond the limit of 16', () => {
  expect(parseChallenges(Array.from({ length: 20 }, (_, i) => `S${i}`).join(', '))).toHaveLength(16)
  const many = Array.from({ length: 17 }, (_, i) => `p${i}=x`)
  expect(read(`Bearer ${many.join(', ')}`)).toEqual([])
  expect(parseChallenges(`Bearer ${many.slice(1).join(', ')}`)).toHaveLength(1)
})
