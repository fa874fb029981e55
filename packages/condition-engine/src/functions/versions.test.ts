import { expect, test } from 'vitest'
import { search } from '../expression/search.ts'

test.each<[version: string, range: string, expected: boolean]>([
  ['1.2.3', '>=1.0.0 <2.0.0', true],
  ['2.0.0', '>=1.0.0 <2.0.0 || >3.0.0', false],
  ['1.2.3', '1.2.x', true],
  ['1.2.3-rc.1', '<1.2.3', true],
  // A text that is no version counts as 0.0.0.
  ['v1.2.3', '<1.0.0', true],
  ['latest', '0.0.0', true],
])('%s in %s is %s', (version, range, expected) => {
  expect(search('semver_compare(v, r)', { v: version, r: range })).toBe(expected)
})

test.each(['', 'x', '^1.2.3', '>=v1.2.3', '|| 1.0.0'])('%j is no range', (range) => {
  expect(() => search("semver_compare('1.0.0', r)", { r: range })).toThrow(expect.objectContaining({ kind: 'value' }))
})
