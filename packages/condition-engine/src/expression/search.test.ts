import fc from 'fast-check'
import { LIMITS } from '../limits.ts'
import { describe, expect, test } from 'vitest'
import { ConditionError } from '../condition-error.ts'
import { FUNCTIONS } from '../functions/function-table.ts'
import { compileExpression, search } from './search.ts'

const limit = expect.objectContaining({ code: 'CONDITION_LIMIT_EXCEEDED', kind: 'limit' })

describe('values', () => {
  const data = {
    n: 3,
    z: 0,
    s: 'x',
    e: '',
    el: [],
    eo: {},
    l: [3, 1, 2],
    ll: [[1], 2, [[3]]],
    o: { b: 1, a: { k: 2 } },
    nul: null,
  }

  test.each<[string, unknown]>([
    ['z && s', 'x'],
    ["e || 'd'", 'd'],
    ['el || eo || nul', null],
    ['!z', false],
    ['!eo', true],
    ['n > `2`', true],
    ["s > 'a'", null],
    ['l == `[3, 1, 2]`', true],
    ['o == `{"a": {"k": 2}, "b": 1}`', true],
    ['o != eo', true],
    ['l[-1]', 2],
    ['l[::-1]', [2, 1, 3]],
    ['l[1:]', [1, 2]],
    ['l[5:0:-2]', [2]],
    ['ll[]', [1, 2, [3]]],
    ['o.*', [1, { k: 2 }]],
    // The original evaluates the right side on as many nulls as there are values.
    ['eo.*', []],
    ['o.*.type(@)', ['null', 'null', 'number', 'object']],
    ['l[?@ > `1`]', [3, 2]],
    ['nul.[s]', null],
    ['[s, n][1]', 3],
    ['{x: s}.x', 'x'],
    ['@.n', 3],
    ['&s', {}],
    ['compare(s, s)', 0],
    ['compare(s, s) == `0`', false],
    ['compare(s, s) == compare(s, s)', true],
    ['(&s) == (&s)', true],
    ['(&s) == (&n)', false],
    [
      '[sort_by(l, &@), l]',
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    ],
    ['`{"__proto__": 1}`.__proto__', 1],
  ])('evaluates %s', (expression, expected) => {
    expect(search(expression, data)).toEqual(expected)
  })

  test('an evaluation never mutates the data, not even in sort_by', () => {
    search('[sort_by(l, &@), l]', data)
    expect(data.l).toEqual([3, 1, 2])
  })

  test('returns a key named __proto__ as an own key and does not pollute the prototype', () => {
    const result = search('{"__proto__": s, x: n}', data)
    expect(Object.keys(result ?? {})).toEqual(['__proto__', 'x'])
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    expect(search("items(@, '__proto__', 'v')[0]", { k: 1 })).toEqual(JSON.parse('{"__proto__": "k", "v": 1}'))
  })

  test.each<[string, string, string]>([
    ['nosuch(s)', 'unknown-function', 'unknown function: nosuch'],
    ['constructor(s)', 'unknown-function', 'unknown function: constructor'],
    ['toString()', 'unknown-function', 'unknown function: toString'],
    ['length()', 'arity', 'incorrect number of args'],
    ['merge()', 'arity', 'Invalid arity.'],
    ['length(n)', 'type', 'Invalid type for: 3, expected: []jmespath.JpType{"string", "array", "object"}'],
    ['@(s)', 'type', 'function call: expected a function name before the parenthesis'],
    ['l[::0]', 'value', 'Invalid slice, step cannot be 0'],
    ['nosuch(abs(s))', 'type', 'Invalid type for: x, expected: []jmespath.JpType{"number"}'],
  ])('%s fails with an error of kind %s', (expression, kind, message) => {
    expect(() => search(expression, data)).toThrow(
      expect.objectContaining({ code: 'CONDITION_EVALUATION_FAILED', kind, message }),
    )
  })
})

describe('evaluation is limited:', () => {
  const ones = `\`[${Array.from({ length: 200 }, () => 1).join()}]\``

  test.each<[string, string, unknown]>([
    ['chains', `a${'.a'.repeat(5_000)}`, {}],
    ['alternatives', `a${'||a'.repeat(5_000)}`, {}],
    ['nested maps', `map(&map(&map(&map(&@, ${ones}), ${ones}), ${ones}), ${ones})`, null],
    ['join', `join('${'x'.repeat(1_000)}', split('${'a,'.repeat(20_000)}', ','))`, null],
    [
      'replace_all',
      Array.from({ length: 12 }).reduce<string>((text) => `replace_all(${text}, 'a', 'aaaaaaaaaaaaaaaa')`, "'a'"),
      null,
    ],
    ['a value that doubles', `@${'|[@,@]'.repeat(30)}`, 1],
    ['a value that doubles, flattened', `[@]${'|[@,@][]'.repeat(30)}`, 1],
    ['a value that doubles, printed', `@${'|[@,@]'.repeat(25)}|to_string(@)`, { a: 1 }],
    ['two large values compared', `[[[@]${'|[@,@]'.repeat(60)}],[[@]${'|[@,@]'.repeat(60)}]] | [0] == [1]`, 1],
    ['errors that are caught', 'map(&(abs(`"x"`)[]), @)', Array.from({ length: 100_000 }, () => 1)],
    [
      'characters looked at in a loop',
      `[*].length('${'é'.repeat(100_000)}')`,
      Array.from({ length: 100_000 }, () => 1),
    ],
    ['a regular expression', "regex_match('(a?){1000}a{1000}', @)", 'a'.repeat(65_536)],
    [
      'YAML aliases',
      'parse_yaml(@)',
      [
        'a: &a [1,1,1,1,1,1,1,1,1]',
        ...Array.from(
          'abcdefgh',
          (name, i) =>
            `${name}1: &${name}1 [${Array(9)
              .fill(`*${i === 0 ? 'a' : `${'abcdefgh'[i - 1]}1`}`)
              .join()}]`,
        ),
      ].join('\n'),
    ],
    ['YAML depth', 'parse_yaml(@)', '['.repeat(5_000)],
    ['JSON depth', 'parse_json(@)', '['.repeat(5_000) + ']'.repeat(5_000)],
  ])('the evaluation of %s ends at a limit', (_name, expression, data) => {
    expect(() => search(expression, JSON.parse(JSON.stringify(data)))).toThrow(limit)
  })

  test.each(['to_string(@)', '@ == `{"d":{}}`', '[compare(`"a"`, `"b"`), @]', '[@]', 'abs(@)', 'label_match(@, @)'])(
    '%s on data that nests 20 000 deep does not overflow',
    (expression) => {
      let data = {}
      let other = {}
      for (let depth = 0; depth < 20_000; depth++) [data, other] = [{ d: data }, { d: other }]
      try {
        search(expression, data)
      } catch (error) {
        expect(error).toBeInstanceOf(ConditionError)
      }
    },
  )

  test('a budget raises the limit of steps to that of a worker', () => {
    const data = Array.from({ length: 900_000 }, () => 1)
    const expression = compileExpression('[?@ == `2`] | length(@)')
    expect(() => search(expression, data)).toThrow(limit)
    expect(search(expression, data, { budget: { steps: LIMITS.workerSteps } })).toBe(0)
    expect(() => search(expression, data, { budget: { steps: 1_000_000 } })).toThrow(limit)
  })

  test('a budget can lower the limits, and raise no other', () => {
    const expression = compileExpression('[*].[@]')
    const data = Array.from({ length: 100 }, () => 1)
    expect(search(expression, data)).toHaveLength(100)
    expect(() => search(expression, data, { budget: { steps: 50 } })).toThrow(limit)
    expect(() => search(expression, data, { budget: { producedLength: 50 } })).toThrow(limit)
    expect(() => search('a', {}, { budget: { steps: Infinity } })).toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    )
  })
})

describe('any input', () => {
  const names = [...FUNCTIONS.keys()]
  const leaf = fc.constantFrom(
    'a',
    'b',
    '"a b"',
    '@',
    '*',
    "'x'",
    "'1Gi'",
    "'2020-01-01T00:00:00Z'",
    '`1`',
    '`-1.5`',
    '`null`',
    '`[1,"a",{"k":2}]`',
    '[]',
    '[0]',
    '[*]',
    '[1:]',
    '&a',
    '[',
    ')',
    '!',
  )
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc
        .tuple(tie('expression'), fc.constantFrom('.', '||', '&&', '|', '==', '<', ' ', ','), tie('expression'))
        .map((parts) => parts.join('')),
      fc
        .tuple(fc.constantFrom(...names), fc.array(tie('expression'), { maxLength: 3 }))
        .map(([name, args]) => `${name}(${args.join(', ')})`),
      tie('expression').map((inner) => `!(${inner})`),
      fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `${left}[?${right}]`),
      fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `[${left}, ${right}] | {x: @, y: [0]}`),
    ),
  }))

  test('any expression of the grammar gives JSON or a ConditionError', () => {
    fc.assert(
      fc.property(expression, fc.jsonValue({ maxDepth: 3 }), (text, data) => {
        try {
          expect(
            JSON.stringify(
              search(text, JSON.parse(JSON.stringify(data)), { random: () => 0.5, now: () => new Date(0) }),
            ),
          ).toBeDefined()
        } catch (error) {
          expect(error).toBeInstanceOf(ConditionError)
        }
      }),
      { numRuns: 3_000 },
    )
  })

  test('any string is an expression or gives a ConditionError', () => {
    const fragments = fc.array(
      fc.constantFrom(
        'a',
        '.',
        '[',
        ']',
        '(',
        ')',
        '{',
        '}',
        ':',
        ',',
        '|',
        '||',
        '&',
        '&&',
        '!',
        '=',
        '==',
        '<',
        '`',
        "'",
        '"',
        '\\',
        '*',
        '?',
        '-',
        '1',
        ' ',
        'é',
        '@',
      ),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fragments.map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            compileExpression(text)
          } catch (error) {
            expect(error).toBeInstanceOf(ConditionError)
          }
        },
      ),
      { numRuns: 5_000 },
    )
  })
})
