import { describe, expect, test } from 'vitest'
import { search } from '../expression/search.ts'

const data = {
  n: [3, 1, 2],
  s: ['b', 'a', '𝒵', 'ﬀ'],
  m: [1, 'a'],
  e: [],
  o: { b: 1, a: 2 },
  nul: null,
  text: 'a🦄b',
  t: true,
  people: [
    { k: 'b', v: 2 },
    { k: 'a', v: 3 },
    { k: 'c', v: 1 },
  ],
  partly: [{ k: 'b', v: 2 }, { k: 'a' }],
}

test.each<[string, unknown]>([
  ['abs(`-3`)', 3],
  ['avg(n)', 2],
  ['avg(e)', Number.NaN],
  ['ceil(`1.2`)', 2],
  ['floor(`-1.2`)', -2],
  ['length(text)', 3],
  ['length(n)', 3],
  ['length(o)', 2],
  ["contains(text, '🦄')", true],
  ['contains(text, `1`)', false],
  ["contains(m, 'a')", true],
  ['contains(n, e)', false],
  ['contains(people, `1`)', false],
  ["starts_with(text, 'a')", true],
  ["ends_with(text, '')", true],
  ["join('-', s)", 'b-a-𝒵-ﬀ'],
  ["join('-', e)", ''],
  ['keys(o)', ['b', 'a']],
  ['values(o)', [1, 2]],
  ['max(n)', 3],
  ['min(n)', 1],
  // By UTF-8 bytes, not by UTF-16 units.
  ['max(s)', '𝒵'],
  ['sort(s)', ['a', 'b', 'ﬀ', '𝒵']],
  ['max(e)', null],
  ['max_by(people, &v).k', 'a'],
  ['min_by(people, &k).v', 3],
  ['max_by(e, &missing)', null],
  ['sort(n)', [1, 2, 3]],
  ['sort_by(people, &v)[*].k', ['c', 'b', 'a']],
  ['sort_by(people[:1], &missing)', [{ k: 'b', v: 2 }]],
  ['map(&v, partly)', [2, null]],
  ['merge(o, `{"c": 3, "a": 0}`)', { b: 1, a: 0, c: 3 }],
  ["not_null(nul, missing, 'x')", 'x'],
  ['not_null(nul)', null],
  ['reverse(n)', [2, 1, 3]],
  ['reverse(text)', 'b🦄a'],
  ['to_array(o)', [{ b: 1, a: 2 }]],
  ['to_array(n)', [3, 1, 2]],
  ["to_number('0x1p-2')", 0.25],
  ["to_number('1_000')", 1000],
  ["to_number('x')", null],
  ['to_number(o)', null],
  ['to_number(t)', null],
  ["to_string('x')", 'x'],
  ['to_string(o)', '{"a":2,"b":1}'],
  ["to_string({a: '<&>'})", '{"a":"\\u003c\\u0026\\u003e"}'],
  ['to_string(`1e-7`)', '1e-7'],
  ['to_string(`{"toJSON": "x"}`)', '{"toJSON":"x"}'],
  ['type(nul)', 'null'],
  ['type(n)', 'array'],
  ['type(o)', 'object'],
  ['type(text)', 'string'],
  ['type(t)', 'boolean'],
  ['type(`1`)', 'number'],
])('evaluates %s', (expression, expected) => {
  expect(search(expression, data)).toEqual(expected)
})

test.each([
  ['length(nul)', 'type'],
  ['contains(o, text)', 'type'],
  // Go cannot compare two lists or two maps.
  ['contains(people, o)', 'type'],
  ['contains(`[[1]]`, `[1]`)', 'type'],
  ["join('-', m)", 'type'],
  ['avg(m)', 'type'],
  ['max(m)', 'type'],
  ['max_by(partly, &v)', 'type'],
  ['max_by(people, &missing)', 'type'],
  ['sort_by(partly, &v)', 'type'],
  ['sort_by(people, &abs(k))', 'type'],
  ['map(k, people)', 'type'],
  ['merge(o, nul)', 'type'],
  ['merge(missing)', 'type'],
  ['type(&k)', 'type'],
  ['to_number(&k)', 'type'],
  ['to_string(avg(e))', 'value'],
  ['to_string([to_number(`"inf"`)])', 'value'],
  ['not_null()', 'arity'],
  ['abs(`1`, `2`)', 'arity'],
])('%s fails with an error of kind %s', (expression, kind) => {
  expect(() => search(expression, data)).toThrow(expect.objectContaining({ code: 'CONDITION_EVALUATION_FAILED', kind }))
})

// The original panics there, which ends the whole evaluation; an error of another function is null to the left of
// these.
test.each(['merge(nul)', 'contains(people, o)', "reverse(items(o, 'k', 'v'))", 'sort_by(people, &merge(k))'])(
  'no function accepts %s',
  (crash) => {
    for (const expression of [`(${crash})[]`, `(${crash}).*`, `(${crash})[?@]`, `[(${crash})[]]`]) {
      expect(() => search(expression, data)).toThrow(
        expect.objectContaining({ code: 'CONDITION_EVALUATION_FAILED', kind: 'type' }),
      )
    }
    for (const after of ['[]', '.*', '[?@]']) expect(search(`(abs(text))${after}`, data)).toBeNull()
  },
)

describe('the result of items()', () => {
  test.each<[string, unknown]>([
    [
      "items(o, 'k', 'v')",
      [
        { k: 'a', v: 2 },
        { k: 'b', v: 1 },
      ],
    ],
    ["items(n, 'k', 'v')[0]", { k: 0, v: 3 }],
    ["items(o, 'k', 'v')[*].v", [2, 1]],
    ["items(o, 'k', 'v')[?k == 'a'].v", [2]],
    ["items(o, 'k', 'v')[].k", ['a', 'b']],
    ["items(o, 'k', 'v')[1:]", [{ k: 'b', v: 1 }]],
    ["length(items(o, 'k', 'v'))", 2],
    ["to_string(items(o, 'k', 'v'))", '[{"k":"a","v":2},{"k":"b","v":1}]'],
    ['items(o, \'k\', \'v\') == `[{"k":"a","v":2},{"k":"b","v":1}]`', false],
    ["items(o, 'k', 'v') == items(o, 'k', 'v')", true],
    [
      "to_array(items(o, 'k', 'v'))",
      [
        [
          { k: 'a', v: 2 },
          { k: 'b', v: 1 },
        ],
      ],
    ],
    ["items(o, 'x', 'x')", [{ x: 2 }, { x: 1 }]],
    ["items(`{}`, 'k', 'v') || 'none'", 'none'],
  ])('%s evaluates the result of items() as an array', (expression, expected) => {
    expect(search(expression, data)).toEqual(expected)
  })

  test.each([
    "reverse(items(o, 'k', 'v'))",
    "map(&k, items(o, 'k', 'v'))",
    "sort_by(items(o, 'k', 'v'), &k)",
    "contains(items(o, 'k', 'v'), 'a')",
    "type(items(o, 'k', 'v'))",
    "items(items(o, 'k', 'v'), 'k', 'v')",
    "sum(items(o, 'k', 'v'))",
    "lookup(items(o, 'k', 'v'), `0`)",
  ])('%s fails for the result of items()', (expression) => {
    expect(() => search(expression, data)).toThrow(expect.objectContaining({ kind: 'type' }))
  })
})
