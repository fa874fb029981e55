import { expect, test } from 'vitest'
import { search } from '../expression/search.ts'

test.each<[string, unknown]>([
  ["compare('a', 'b')", -1],
  ["compare('𝒵', 'ﬀ')", 1],
  ["equal_fold('Straße', 'STRASSE')", false],
  ["equal_fold('KELVIN', 'kelvin')", true],
  ["equal_fold('ſ', 'S')", true],
  ["equal_fold('ı', 'i')", false],
  ["equal_fold('Σας', 'ΣΑΣ')", true],
  ["to_upper('straße ᾳ ŉ')", 'STRAßE ᾼ ŉ'],
  ["to_lower('ΑΣ İ')", 'ασ i'],
  // Letters that got their case after Unicode 15.
  ["to_lower('Ɤ')", 'Ɤ'],
  ["replace('aaa', 'a', 'b', `2`)", 'bba'],
  ["replace('aaa', 'a', 'b', `-1`)", 'bbb'],
  ["replace('aaa', 'a', 'b', `0`)", 'aaa'],
  ["replace('aaa', 'a', 'b', `1.9`)", 'baa'],
  ["replace('🦄x', '', '-', `-1`)", '-🦄-x-'],
  ["replace('ab', '', '-', `2`)", '-a-b'],
  ["replace_all('a.b.c', '.', '')", 'abc'],
  ["replace_all('aaaa', 'aa', 'a')", 'aa'],
  ["trim('xyaxbyx', 'yx')", 'axb'],
  ["trim('🦄a🦄', '🦄')", 'a'],
  ["trim('🦁a', '🦄')", '🦁a'],
  ["trim('aaa', 'a')", ''],
  ["trim_prefix('v1.2', 'v')", '1.2'],
  ["trim_prefix('1.2', 'v')", '1.2'],
  ["split('a,b,', ',')", ['a', 'b', '']],
  ["split('a🦄', '')", ['a', '🦄']],
  ["split('', '')", []],
  ["truncate('🦄🦄🦄', `2`)", '🦄🦄'],
  ["truncate('abc', `-1`)", ''],
  ["truncate('abc', `2.9`)", 'ab'],
  ["truncate('abc', `1e300`)", ''],
  ["to_boolean('TruE')", true],
  ["to_boolean('false')", false],
  ["path_canonicalize('/a/./b//../c/')", '/a/c'],
  ["path_canonicalize('a/../..')", '..'],
  ["path_canonicalize('/../..')", '/'],
  ["path_canonicalize('a/..')", '.'],
  ["path_canonicalize('')", ''],
])('evaluates %s', (expression, expected) => {
  expect(search(expression, null)).toEqual(expected)
})

test.each(["to_boolean('yes')", "to_boolean('')"])('%s fails', (expression) => {
  expect(() => search(expression, null)).toThrow(
    expect.objectContaining({ code: 'CONDITION_EVALUATION_FAILED', kind: 'value' }),
  )
})

test.each<[version: string, range: string, expected: boolean]>([
  ['1.2.3', '>=1.0.0 <2.0.0', true],
  ['2.0.0', '>=1.0.0 <2.0.0 || >3.0.0', false],
  ['1.2.3', '1.2.x', true],
  ['1.2.3-rc.1', '<1.2.3', true],
  // A string that is not a version counts as 0.0.0.
  ['v1.2.3', '<1.0.0', true],
  ['latest', '0.0.0', true],
])('semver_compare finds that %s is in %s: %s', (version, range, expected) => {
  expect(search('semver_compare(v, r)', { v: version, r: range })).toBe(expected)
})

test.each(['', 'x', '^1.2.3', '>=v1.2.3', '|| 1.0.0'])('semver_compare rejects the range %j', (range) => {
  expect(() => search("semver_compare('1.0.0', r)", { r: range })).toThrow(expect.objectContaining({ kind: 'value' }))
})
