import { expect, test } from 'vitest'
import { search } from './search.ts'

/** Where a missing key is an error and where it is null; the heart of the dialect. */
const data = { a: { b: 1, nul: null, text: 'x', list: [{ k: 1 }, {}], maps: { one: { k: 1 } } }, t: true }

const NULL = null
const MISSING = 'missing'

test.each<[position: string, expression: string, expected: unknown]>([
  ['top level', 'missing', MISSING],
  ['last of a chain', 'a.missing', MISSING],
  ['middle of a chain', 'missing.b', MISSING],
  ['field of null', 'a.nul.x', NULL],
  ['field of a text', 'a.text.x', NULL],
  ['field of a number', 'a.b.x', NULL],
  ['field of a list', 'a.list.x', NULL],
  ['before an index', 'missing[0]', MISSING],
  ['after an index', 'a.list[1].missing', MISSING],
  ['index out of range', 'a.list[7]', NULL],
  ['index of a map', 'a[0]', NULL],
  ['left of a comparator', 'missing == `null`', true],
  ['right of a comparator', '`null` != missing', false],
  ['operand of an order', 'missing < `1`', NULL],
  ['function argument', "not_null(missing, 'x')", 'x'],
  ['left of ||', "missing || 'x'", 'x'],
  ['chain left of ||', "a.missing || 'x'", 'x'],
  ['right of ||', 'a.nul || missing', NULL],
  ['left of &&', 'missing && t', NULL],
  ['right of &&', 't && missing', MISSING],
  ['operand of !', '!missing', true],
  ['`!` before a chain negates the first part only', '!a.b', NULL],
  ['negated chain in parentheses', '!(a.missing)', true],
  ['left of a pipe', 'missing | @', NULL],
  ['right of a pipe', 'a | missing', NULL],
  ['list multiselect', '[missing, t]', [null, true]],
  ['hash multiselect', '{x: missing}', { x: null }],
  ['left of [*]', 'missing[*]', NULL],
  ['last component left of [*]', 'a.missing[*].x', NULL],
  ['earlier component left of [*]', 'missing.b[*]', MISSING],
  ['right of [*]', 'a.list[*].k', [1]],
  ['left of a slice', 'missing[0:1]', NULL],
  ['left of []', 'missing.b[]', NULL],
  ['left of .*', 'missing.b.*', NULL],
  ['left of [?]', 'missing.b[?k]', NULL],
  ['predicate', 'a.list[?k]', [{ k: 1 }]],
  ['right of a filter', 'a.list[?!k].k', []],
  ['right of .*', 'a.maps.*.missing', []],
  ['in map()', 'map(&k, a.list)', [1, null]],
  ['after a pipe in a chain', 'a | b.c', NULL],
])('a missing key as %s: %s', (_position, expression, expected) => {
  if (expected !== MISSING) expect(search(expression, data)).toEqual(expected)
  else
    expect(() => search(expression, data)).toThrow(
      expect.objectContaining({
        code: 'CONDITION_VARIABLE_UNRESOLVED',
        kind: 'not-found',
        message: 'Unknown key "missing" in path',
      }),
    )
})

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'a.constructor'])(
  '%s is an ordinary key',
  (expression) => {
    expect(() => search(expression, data)).toThrow(expect.objectContaining({ kind: 'not-found' }))
  },
)
