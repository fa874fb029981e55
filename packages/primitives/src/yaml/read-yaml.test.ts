import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readYaml, YamlError, type YamlErrorKind, type YamlRules } from './read-yaml.ts'

type Mode = YamlRules['mode']

function read(mode: Mode, text: string, values = 1_000): unknown {
  const decodeBinary = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
  const documents = [...readYaml(text, { mode, maxDepth: 20, budget: { values }, decodeBinary })]
  return documents.length === 1 ? documents[0]?.value : documents.map(({ value }) => value)
}

function problem(mode: Mode, text: string, values?: number): YamlErrorKind | 'none' {
  try {
    read(mode, text, values)
    return 'none'
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    return error.kind
  }
}

test.each([
  ['a: [1, two]\nb: {c: ~}', { a: [1, 'two'], b: { c: null } }],
  ['', []],
  ['# only a comment', []],
  ['a: 1\n---\nb: 2', [{ a: 1 }, { b: 2 }]],
  ['[yes, "yes", !!str yes, ! yes, ! "1"]', [true, 'yes', 'yes', 'yes', '1']],
  ['{1: a, true: b, 0x10: c, 1e6: d}', { 1: 'a', true: 'b', 16: 'c', '1e+06': 'd' }],
  [
    'a: &x {k: 1}\nb: {<<: *x, l: 2}\nc: {<<: [*x, {k: 9, m: 3}]}',
    { a: { k: 1 }, b: { k: 1, l: 2 }, c: { k: 1, m: 3 } },
  ],
  ['a: &x {k: 1}\nb: {<<: *x, k: 2}', { a: { k: 1 }, b: { k: 2 } }],
  ['%YAML 1.1\n---\na: 1', { a: 1 }],
  ['a: |\n  x\n  y\n', { a: 'x\ny\n' }],
  ['"<<": 1', { '<<': 1 }],
  ['date: 2001-01-01', { date: '2001-01-01' }],
])('reads %j in both modes', (text, expected) => {
  expect(read('strict', text)).toEqual(expected)
  expect(read('lenient', text)).toEqual(expected)
})

// What go-yaml 2 reads although another reader would read something else. Recorded from sigs.k8s.io/yaml v1.6.0.
test.each<[string, unknown, YamlErrorKind]>([
  ['a: 1\na: 2', { a: 2 }, 'invalid'],
  ['{1: a, "1": b}', { 1: 'b' }, 'invalid'],
  ['a: 0\n<<: {a: 1}', { a: 1 }, 'invalid'],
  ['<<: {a: 1}\n<<: {a: 2, b: 3}', { a: 2, b: 3 }, 'invalid'],
  ['%TAG !e! tag:x,2000:\n---\n!e!a x', 'x', 'invalid'],
  ['!foo 1', '1', 'invalid'],
  ['!!foo 1', '1', 'invalid'],
  ['!!binary aGk=', 'hi', 'invalid'],
  ['!!timestamp 2020-01-01', '2020-01-01', 'invalid'],
  ['!!map [1]', [1], 'invalid'],
  ['!!seq {a: 1}', { a: 1 }, 'invalid'],
  ['!!str [1]', [1], 'invalid'],
  ['!!map x', 'x', 'invalid'],
])('reads %j only in lenient mode', (text, expected, kind) => {
  expect(read('lenient', text)).toEqual(expected)
  expect(problem('strict', text)).toBe(kind)
})

test.each<[string, unknown]>([
  ['9007199254740993', 9007199254740992],
  ['0x7fffffffffffffff', 9223372036854776000],
  ['123456789012345678901234567890', 1.2345678901234568e29],
  ['9'.repeat(400), '9'.repeat(400)],
])('rounds %j, which a double cannot hold, and marks it in strict mode, also behind an alias', (text, expected) => {
  const rules = { maxDepth: 20, budget: { values: 100 } } as const
  const placesOf = (mode: 'strict' | 'lenient'): readonly unknown[] => {
    const [document] = readYaml(`a: &x ${text}\nb: *x\nc: 5\n`, { ...rules, budget: { values: 100 }, mode })
    expect(document?.value).toEqual({ a: expected, b: expected, c: 5 })
    return ['a', 'b', 'c'].map((key) => document?.place.entries?.get(key)?.inexact)
  }
  const mark = expect.stringContaining('is an integer beyond ±9007199254740991') as string
  expect(placesOf('strict')).toEqual([mark, mark, undefined])
  expect(placesOf('lenient')).toEqual([undefined, undefined, undefined])
})

test('refuses a number beyond the doubles as a key in strict mode: readers write it in different ways', () => {
  expect(problem('strict', '9007199254740993: a')).toBe('invalid')
  expect(problem('strict', '9007199254740991: a')).toBe('none')
})

test.each<[string, YamlErrorKind]>([
  ['[a, b', 'invalid'],
  ['*x', 'invalid'],
  ['&a [*a]', 'invalid'],
  ['null: c', 'invalid'],
  ['[]: c', 'invalid'],
  ['<<: 1', 'invalid'],
  ['<<: [1]', 'invalid'],
  ['%YAML 1.2\n---\na: 1', 'invalid'],
  ['"\\ud800"', 'invalid'],
  ['!!int x', 'invalid'],
  ['!!int 1.0', 'invalid'],
  ['!!timestamp 2020-13-45', 'invalid'],
  ['!!binary x', 'invalid'],
  ['a: .inf', 'number-not-json'],
  ['- .nan', 'number-not-json'],
  [`${'['.repeat(30)}${']'.repeat(30)}`, 'too-deep'],
  [Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${i === 0 ? '' : `*a${i - 1}`}]`).join('\n'), 'too-deep'],
])('refuses %j in both modes', (text, kind) => {
  expect(problem('strict', text)).toBe(kind)
  expect(problem('lenient', text)).toBe(kind)
})

test.each([
  ['{a:, b: 1}', '{a: , b: 1}', '{a:b, c: 1}'],
  ['[5:, 6]', '[5, 6]', '[5:6, 7]'],
  ['{a :[b]}', '{a: [b]}', '{"a":[b]}'],
  ['[!, a]', '[! , a]', '[!!str , a]'],
  ['a: >+\n\n', 'a: >-\n  b\n', 'a: ""\n'],
])('refuses %j, which go-yaml reads otherwise, but neither %j nor %j', (text, ...controls) => {
  expect(problem('strict', text)).toBe('invalid')
  for (const control of controls) expect([control, problem('strict', control)]).toEqual([control, 'none'])
})

test('counts values behind aliases each time, so an alias bomb is never built', () => {
  const bomb = Array.from(
    { length: 12 },
    (_, i) =>
      `a${i}: &a${i} [${Array(9)
        .fill(i === 0 ? 'x' : `*a${i - 1}`)
        .join()}]`,
  ).join('\n')
  const merges = `a: &a {${Array.from({ length: 50 }, (_, i) => `k${i}: 1`).join()}}\nb: [${Array(50).fill('{<<: *a}').join()}]`
  for (const text of [bomb, merges])
    for (const mode of ['strict', 'lenient'] as const) expect(problem(mode, text)).toBe('too-large')
})

test('shares one budget between texts', () => {
  const rules: YamlRules = { mode: 'strict', maxDepth: 20, budget: { values: 5 } }
  expect([...readYaml('[1, 2]', rules)]).toHaveLength(1)
  expect(rules.budget.values).toBe(2)
  expect(() => [...readYaml('[1, 2]', rules)]).toThrow(expect.objectContaining({ kind: 'too-large' }))
})

test('returns the places of values and errors', () => {
  const [document] = readYaml('a: 1\nb: &x [yes, "no"]\nc: *x', { mode: 'strict', maxDepth: 9, budget: { values: 99 } })
  const entries = document?.place.entries
  expect([...(entries?.values() ?? [])].map(({ offset }) => offset)).toEqual([0, 5, 23])
  expect(entries?.get('b')?.items?.map(({ offset }) => offset)).toEqual([12, 17])
  expect(() => read('strict', 'a: 1\nb: 2\na: 3')).toThrow(expect.objectContaining({ offset: 10 }))
  expect(() => read('strict', 'a: 1\nb: !x 2')).toThrow(expect.objectContaining({ offset: 8 }))
})

test('leaves prototypes alone', () => {
  for (const text of ['__proto__: {x: 1}', '<<: {__proto__: {x: 1}}', 'a: &a {x: 1}\n__proto__: *a']) {
    const value = read('strict', text)
    expect(Object.keys(Object(value))).toContain('__proto__')
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  }
})

test('shows at most a short line of a hostile document in its message', () => {
  for (const text of [
    `!${'x'.repeat(5_000)} 1`,
    `*${'y'.repeat(5_000)}`,
    `? "\\u202e\\n${'z'.repeat(5_000)}"\n? "\\u202e\\n${'z'.repeat(5_000)}"`,
  ])
    try {
      read('strict', text)
      expect.unreachable()
    } catch (error) {
      if (!(error instanceof YamlError)) throw error
      expect(error.message.length).toBeLessThan(150)
      expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    }
})

test('reads whatever JSON.parse reads, and in strict mode nothing else than the lenient mode', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      fc.pre(!/\d{16}|\de|-0/.test(JSON.stringify(value)))
      const text = JSON.stringify(value)
      expect(problem('strict', text)).toBe('none')
      expect([read('strict', text)].flat()).toEqual([JSON.parse(text)].flat())
    }),
  )
  const unit = fc.constantFrom('a', ':', ' ', '\n', '-', '[', ']', '{', '}', ',', '&', '*', '!', '<', '"', '1', '?')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 30 }), (text) => {
      if (problem('strict', text) === 'none') expect(read('lenient', text)).toEqual(read('strict', text))
    }),
    { numRuns: 2_000 },
  )
})
