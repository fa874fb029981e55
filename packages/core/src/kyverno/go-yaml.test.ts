import { expect, test } from 'vitest'
import { goYaml } from './go-yaml.ts'

// Recorded from go.yaml.in/yaml/v3 v3.0.4, `yaml.NewEncoder` with `SetIndent(2)`.

const tree = (entries: Readonly<Record<string, Readonly<Record<string, string>>>>): Parameters<typeof goYaml>[0] =>
  new Map(Object.entries(entries).map(([key, texts]) => [key, new Map(Object.entries(texts))]))
const written = (text: string): string => goYaml(tree({ p: { r: text } })).replace('p:\n  r: ', '')

test.each([
  'plain words',
  'a:b#c',
  '-x',
  '?x',
  ':x',
  '<<',
  '=',
  'a "b" \'c\'',
  'a, [b] {c}',
  '\xA0nbsp é 漢',
  'nULL',
  'yES',
  '+.nan',
  '2020-02-30',
  '1900-02-29',
  '2020-13-01',
  '2020-01-00',
  '2020-00-01',
  '2020-001-01',
  '2020-01-01T10:00:00',
  '2020-01-01 10:00:00Z',
  '2020-01-01T24:00:00Z',
  '2020-01-01T10:60:00Z',
  '2020-01-01T10:00:60Z',
  '2020-01-01T10:00:00+25:00',
  '2020-01-01T10:00:00+24:61',
  '2020-01-01T10:00:00.Z',
  '1e999',
  '.1e999',
  '-1e999',
  '0x10000000000000000',
  '+0xFFFFFFFFFFFFFFFF',
  '-0x8000000000000001',
  '0B-1',
  '-0b-1',
  '.1__0',
  '.1e_5',
  '1:60',
  '0x',
  '.',
  '_1',
  'lorem ipsum '.repeat(50).trimEnd(),
])('writes %j as a plain scalar', (text) => {
  expect(written(text)).toBe(`${text}\n`)
})

test.each([
  'a: b',
  'a:',
  'a #b',
  '"quoted"',
  '- a',
  '? a',
  ': a',
  '-',
  '?',
  ':',
  '---x',
  '...x',
  ' a',
  'a ',
  'a: b  c ',
  '#a',
  ',a',
  '[a',
  ']a',
  '{a',
  '}a',
  '&a',
  '*a',
  '!a',
  '|a',
  '>a',
  '%a',
  '@a',
  '`a',
])('writes %j in single quotes', (text) => {
  expect(written(text)).toBe(`'${text}'\n`)
})

test.each([
  '',
  '~',
  'null',
  'True',
  'FALSE',
  'yes',
  'Off',
  'n',
  'Y',
  '.NaN',
  '+.inf',
  '-.inf',
  '1',
  '-1_000',
  '1__',
  '0777',
  '08',
  '1.',
  '.5',
  '+.5',
  '.1_0',
  '1e5',
  '.1e1_0',
  '0xFF',
  '0X_f',
  '-0b1',
  '0b-1',
  '0o+7',
  '0o17',
  '0B1',
  '0O17',
  '18446744073709551616',
  '0xFFFFFFFFFFFFFFFF',
  '+0x7FFFFFFFFFFFFFFF',
  '-0x8000000000000000',
  '1.7976931348623158e308',
  '190:20:30',
  '+1:2',
  '190:20:30.15',
  '2020-1-1',
  '2020-02-29',
  '0000-02-29',
  '2020-01-01T10:00:00.5+24:60',
  '2020-01-01t1:2:3Z',
  '2020-01-01 10:00:00',
  '2020-01-01   10:00:00,5',
])('writes %j in double quotes, because it would not be read as a string', (text) => {
  expect(written(text)).toBe(`"${text}"\n`)
})

test.each([
  ["it's: so", "'it''s: so'\n"],
  ["'a", "'''a'\n"],
  ['a\u2028b', "'a\u2028    b'\n"],
  ['\u2028\u2028a\u2029', "'\u2028\u2028    a\u2029'\n"],
  ['a\u2028 b', '"a\\L b"\n'],
  ['a \u2029b', '"a \\Pb"\n'],
  ['a\tb', '"a\\tb"\n'],
  ['a\rb', '"a\\rb"\n'],
  ['a\x85b', '"a\\Nb"\n'],
  ['\0\x07\b\v\f\x1B\x7F\x9F', '"\\0\\a\\b\\v\\f\\e\\x7F\\x9F"\n'],
  ['a\x10b', '"a\\x10b"\n'],
  ['a\x7Fb', '"a\\x7Fb"\n'],
  ['say "\\\0"', '"say \\"\\\\\\0\\""\n'],
  ['\0\u2028\u2029\xA0', '"\\0\\L\\P\xA0"\n'],
  ['good 🙂', '"good \\U0001F642"\n'],
  ['\uFFFF', '"\\uFFFF"\n'],
  ['a\uFEFF', '"a\\uFEFF"\n'],
  ['\uFEFFa\xA0é', '"\\uFEFF\\x61\\_\\xE9"\n'],
  ['a\uD800b', 'a\uFFFDb\n'],
])('writes the single line %j', (text, yaml) => {
  expect(written(text)).toBe(yaml)
})

test.each([
  ['one\ntwo', '|-\n    one\n    two\n'],
  ['one\n\ntwo\n', '|\n    one\n\n    two\n'],
  ['one\n\n', '|+\n    one\n\n'],
  ['\n', '|2+\n\n'],
  ['\n\n', '|2+\n\n\n'],
  ['\none', '|2-\n\n    one\n'],
  [' one\ntwo', '|2-\n     one\n    two\n'],
  ['one\n two', '|-\n    one\n     two\n'],
  ['one\n\ttwo', '|-\n    one\n    \ttwo\n'],
  ['1\n2', '|-\n    1\n    2\n'],
  ["a: b\n# 'c'", "|-\n    a: b\n    # 'c'\n"],
  ['a\u2028b\nc\u2029', '|\n    a\u2028    b\n    c\u2029'],
  ['a\n\u2028', '|+\n    a\n\u2028'],
  ['one \ntwo', '"one \\ntwo"\n'],
  ['one \u2028\ntwo', '"one \\L\\ntwo"\n'],
  ['one\ntwo ', '"one\\ntwo "\n'],
  ['one\r\ntwo', '"one\\r\\ntwo"\n'],
  ['one\n🙂', '"one\\n\\U0001F642"\n'],
  ['\uFEFFa\nb', '"\\uFEFF\\x61\\n\\x62"\n'],
])('writes the lines %j', (text, yaml) => {
  expect(written(text)).toBe(yaml)
})

test.each([
  [{ true: { 1: 'x', '': 'y', '2020-01-01': 'z' } }, '"true":\n  "": "y"\n  "1": x\n  "2020-01-01": z\n'],
  [
    { p: { a: 'x\n', b: 'x\ny\u2028', c: 'x\n\n', d: 'x' } },
    'p:\n  a: |\n    x\n  b: |\n    x\n    y\u2028  c: |+\n    x\n\n  d: x\n',
  ],
  [{ ['k'.repeat(128)]: { a: 'x' } }, `${'k'.repeat(128)}:\n  a: x\n`],
  [{ ['k'.repeat(129)]: { a: 'x', b: 'z' } }, `? ${'k'.repeat(129)}\n: a: x\n  b: z\n`],
  [
    { p: { ['é'.repeat(65)]: 'x', ['é'.repeat(64)]: 'z' } },
    `p:\n  ${'é'.repeat(64)}: z\n  ? ${'é'.repeat(65)}\n  : x\n`,
  ],
  [{ 'a\nb': { 'c\nd\n': 'x\ny' } }, '? |-\n  a\n  b\n: ? |\n    c\n    d\n  : |-\n    x\n    y\n'],
  [{ 'a\rb': { 'c\u2028d': 'x' } }, '? "a\\rb"\n: ? \'c\u2028    d\'\n  : x\n'],
  [{ 'a\x85': { 'c \nd': '' } }, '? "a\\N"\n: ? "c \\nd"\n  : ""\n'],
])('writes the keys of %j', (entries, yaml) => {
  expect(goYaml(tree(entries))).toBe(yaml)
})

test('keeps the later of two keys that are equal in Go', () => {
  expect(
    goYaml(
      new Map([
        ['p\uD800', 'one'],
        ['p\uDC00', 'two'],
      ]),
    ),
  ).toBe('p\uFFFD: two\n')
})
