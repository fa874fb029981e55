import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseVersionRange } from './semver-range.ts'
import { compareVersions, parseVersion, ZERO_VERSION } from './semver.ts'

test('orders versions as the specification does', () => {
  const texts = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '2.0.0',
    '2.1.0',
    '2.1.1',
    '2.10.0',
  ]
  const shuffled = texts
    .toReversed()
    .sort((left, right) => compareVersions(parseVersion(left) ?? ZERO_VERSION, parseVersion(right) ?? ZERO_VERSION))
  expect(shuffled).toEqual(texts)
})

test.each([
  '',
  '1',
  '1.2',
  'v1.2.3',
  '1.2.3.4',
  '01.2.3',
  '1.2.3-',
  '1.2.3-01',
  '1.2.3+',
  '1.2.3-a..b',
  '1.2.x',
  '-1.2.3',
  '18446744073709551616.0.0',
  ' 1.2.3',
  '1.2.3-ä',
])('%j is not a version', (text) => {
  expect(parseVersion(text)).toBeUndefined()
})

test.each([
  ['>=1.0.0 <2.0.0', '1.5.0', true],
  ['>=1.0.0 <2.0.0', '2.0.0', false],
  ['> 1.0.0', '1.0.1', true],
  ['1.x || 3.x', '3.9.9', true],
  ['1.x || 3.x', '2.0.0', false],
  ['1.2.x', '1.2.9', true],
  ['1.2.x', '1.3.0', false],
  ['>1.x', '2.0.0', true],
  ['<=1.2.x', '1.2.9', true],
  ['!=1.2.3', '1.2.4', true],
  ['1.0.0 - 2.0.0', '1.5.0', false],
  ['!=1.x', '3.0.0', false],
])('the range %j contains %s: %s', (range, version, holds) => {
  expect(parseVersionRange(range)?.(parseVersion(version) ?? ZERO_VERSION)).toBe(holds)
})

test.each([
  '',
  '>',
  '1',
  '1.2',
  '^1.0.0',
  '~1.0.0',
  '1.0.0||2.0.0',
  '|| 1.0.0',
  '1.0.0 ||',
  'x',
  '1.x.3',
  'v1.0.0',
  '1.0.0, 2.0.0',
  '>=1.0',
])('%j is not a range', (range) => {
  expect(parseVersionRange(range)).toBeUndefined()
})

test('an empty alternative fails when it is reached', () => {
  const range = parseVersionRange('1.0.0 || || 2.0.0')
  expect(range?.(parseVersion('1.0.0') ?? ZERO_VERSION)).toBe(true)
  expect(() => range?.(ZERO_VERSION)).toThrow(expect.objectContaining({ code: 'CONDITION_EVALUATION_FAILED' }))
})

test('a version equals itself, and is in its own range', () => {
  const versions = fc.tuple(fc.nat(), fc.nat(), fc.nat()).map((numbers) => numbers.join('.'))
  fc.assert(
    fc.property(versions, versions, (left, right) => {
      const [one = ZERO_VERSION, other = ZERO_VERSION] = [parseVersion(left), parseVersion(right)]
      expect(compareVersions(one, one)).toBe(0)
      expect(Math.sign(compareVersions(one, other))).toBe(-Math.sign(compareVersions(other, one)))
      expect(parseVersionRange(left)?.(one)).toBe(true)
      expect(parseVersionRange(`!=${left}`)?.(one)).toBe(false)
    }),
  )
})
