import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '@verify-images/primitives'
import { createQueryContext, type QueryContext } from '../query-context.ts'
import { substitute } from './substitute.ts'
import type { SubstitutionOptions } from './substitution-run.ts'

const DATA: JsonObject = {
  request: {
    operation: 'CREATE',
    object: { metadata: { name: 'app', labels: { 'app.kubernetes.io/name': 'web', tier: 'one' } } },
    oldObject: { metadata: { name: 'old' } },
  },
  x: 'foo',
  n: 3,
  list: ['a', 'b'],
  secret: 'hidden',
  template: '{{ secret }}',
  nested: { text: '{{ secret }}', '{{ secret }}': 1 },
  self: '{{ self }}',
  escaped: '\\{{ x }}',
  key: 'app.kubernetes.io/name',
  name: 'tier',
  index: 1,
  empty: '',
}
const filled = (document: Json, options?: SubstitutionOptions, data: JsonObject = DATA): Json =>
  substitute(document, createQueryContext(data), options)
const code = (expected: string): unknown => expect.objectContaining({ code: expected })

test.each<[Json, Json]>([
  ['{{ x }}', 'foo'],
  ['{{ n }}', 3],
  ['{{ list }}', ['a', 'b']],
  ['a {{ x }} b {{ n }} {{ list }}', 'a foo b 3 ["a","b"]'],
  ['{{x}}{{x}}', 'foofoo'],
  ['\\{{ x }}', '{{ x }}'],
  ['{{- x }}!', 'foo!'],
  [{ 'k-{{ x }}': ['{{ n }}'] }, { 'k-foo': [3] }],
  ['{{ request.object.metadata.labels.{{ name }} }}', 'one'],
  ['{{ request.object.metadata.labels."{{ key }}" }}', 'web'],
  ['{{ list[{{ index }}] }}', 'b'],
  ["{{ '{{ x }}' | to_upper(@) }}", 'FOO'],
  ["{{ contains(`{{ list }}`, 'a') }}", true],
  ['{{ `"{{ x }}"` }}', 'foo'],
  [
    { a: '$(/b)', b: 'v' },
    { a: 'v', b: 'v' },
  ],
  [{ a: '$(./../b)/$(x)', b: 'v' }, '!'],
  ['$(', '$('],
  [
    { spec: { replicas: '$(>=/n)' }, n: 2 },
    { spec: { replicas: '>=2.000000' }, n: 2 },
  ],
  ['\\$(x) \\$(y z)', '$(x) \\$(y z)'],
  [5, 5],
  [null, null],
])('substitutes %j to %j, by default and as Kyverno does', (document, expected) => {
  for (const compatibility of ['strict', 'kyverno'] as const) {
    if (expected === '!')
      expect(() => filled(document, { compatibility })).toThrow(code('CONDITION_REFERENCE_UNRESOLVED'))
    else expect(filled(document, { compatibility })).toEqual(expected)
  }
})

test('errors of substitution have the messages of Kyverno', () => {
  expect(() => filled({ a: { 'b/c': ['{{ nope }}'] } })).toThrow(
    'failed to resolve nope at path /a/b\\/c/0: JMESPath query failed: Unknown key "nope" in path',
  )
  expect(() => filled('{{ nope }}')).toThrow(code('CONDITION_VARIABLE_UNRESOLVED'))
  expect(() => filled('{{ a b }}')).toThrow(code('CONDITION_EXPRESSION_INVALID'))
  expect(() => filled('x{{- list }}')).toThrow(code('CONDITION_VALUE_INVALID'))
  expect(() => filled({ '{{ n }}': 1 })).toThrow('expected string after substituting variables in key "{{ n }}"')
})

test('rethrows a foreign error of the context unchanged', () => {
  const pending = new TypeError('later')
  const context: QueryContext = {
    query: () => {
      throw pending
    },
  }
  for (const document of ['{{ x }}', 'a{{ @ }}', 'a{{ request.object }}'])
    expect(() => substitute(document, context)).toThrow(pending)
})

describe('request.object is read from the old object on DELETE only:', () => {
  test.each([
    ['DELETE', 'old'],
    ['UPDATE', 'app'],
  ])('the option `operation: %s` reads the object named %s', (operation, name) => {
    expect(filled('{{ request.object.metadata.name }}', { operation })).toBe(name)
  })
  test('the operation of the context counts if there is no option', () => {
    expect(
      filled(
        '{{ request.object.metadata.name }}',
        {},
        { request: { operation: 'DELETE', oldObject: { metadata: { name: 'gone' } } } },
      ),
    ).toBe('gone')
  })
})

test('@ is the value of the object at the path of the string', () => {
  const document = { validate: { pattern: { metadata: { name: '{{ @ }}' } } } }
  expect(filled(document)).toEqual({ validate: { pattern: { metadata: { name: 'app' } } } })
  expect(() => filled({ a: { b: { 'd-e': { '0': '{{@}}' } } } })).toThrow('request.object."d-e"[0]')
})

describe('data is never searched for variables by default (S17)', () => {
  test.each<[Json, Json, Json]>([
    ['{{ template }}!', '{{ secret }}!', 'hidden!'],
    ['{{ nested }}', { text: '{{ secret }}', '{{ secret }}': 1 }, { text: 'hidden', hidden: 1 }],
    ['{{ escaped }}!', '\\{{ x }}!', '{{ x }}!'],
  ])('%j with data in braces gives %j, and %j with `compatibility: kyverno`', (document, strict, kyverno) => {
    expect(filled(document)).toEqual(strict)
    expect(filled(document, { compatibility: 'kyverno' })).toEqual(kyverno)
  })

  test('adjacent pieces of data do not form a variable', () => {
    const data = { open: '{{ sec', close: 'ret }}', secret: 'hidden' }
    expect(filled('{{ open }}{{ close }}', {}, data)).toBe('{{ secret }}')
    expect(filled('{{ open }}{{ close }}', { compatibility: 'kyverno' }, data)).toBe('hidden')
  })

  test('the private-use characters of our placeholders are ordinary characters in policies and data', () => {
    const data = { mark: '\uE0000\uE001', x: 'foo' }
    expect(filled('\uE0000\uE001 {{ x }} {{ mark }}', {}, data)).toBe('\uE0000\uE001 foo \uE0000\uE001')
  })

  test('any string of the data is inserted unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}\\$()\'"`-ax \uE000\uE0010') }), (value) => {
        expect(filled('<{{ value }}>', {}, { value, a: 'A' })).toBe(`<${value}>`)
        expect(filled({ k: '{{ value }}' }, {}, { value, a: 'A' })).toEqual({ k: value })
      }),
    )
  })
})

describe('the value of a nested variable never changes the expression around it', () => {
  test.each([
    ['{{ request.object.metadata.labels.{{ v }} }}', 'tier || secret'],
    ['{{ request.object.metadata.labels.{{ v }} }}', 'tier | secret'],
    ['{{ request.object.metadata.labels."{{ v }}" }}', 'tier" || secret || "'],
    ["{{ '{{ v }}' }}", "' || secret || '"],
    ["{{ '{{ v }}' }}", '\\'],
    ['{{ `"{{ v }}"` }}', '"` || secret || `"'],
    ['{{ `{{ v }}` }}', '1` || secret || `1'],
    ['{{ `{"a": {{ v }}}` }}', '1, "b": 2'],
    ['{{ list[{{ v }}] }}', ''],
    ['{{ list[{{ v }}] }}', '?@'],
    ['{{ {{ v }} }}', 'request.object'],
    ['{{ {{ v }}(x) }}', 'to_upper'],
    ['{{ {{ v }} }}', '{{ secret }}'],
    ["{{ '{{ v }}' }}", "'] || process.exit() || ['"],
  ])('the nested variable of %j rejects the value %j', (document, v) => {
    expect(() => filled(document, {}, { ...DATA, v })).toThrow(code('CONDITION_VALUE_INVALID'))
  })

  test('a nested variable that is a name or a string without quotes is inserted in every place', () => {
    const word = fc.stringMatching(/^[a-z]\w{0,8}$/)
    fc.assert(
      fc.property(
        word,
        fc.string().filter((text) => !/['"\\`\p{Cc}]/u.test(text)),
        (name, text) => {
          const data = { name, text, map: { [name]: 'by name', [text]: 'by text' } }
          expect(filled("{{ '{{ text }}' }}", {}, data)).toBe(text)
          expect(filled('{{ map."{{ text }}" }}', {}, data)).toBe('by text')
          if (text !== name) expect(filled('{{ map.{{ name }} }}', {}, data)).toBe('by name')
        },
      ),
    )
  })
})

describe('work and output are limited', () => {
  test.each<[string, Json, JsonObject]>([
    ['a variable whose value is itself', 'a{{ self }}', DATA],
    ['a string that doubles', 'a{{ x }}', { x: '{{ x }}{{ x }}' }],
    ['a large value inserted many times', '{{ x }}'.repeat(100), { x: 'a'.repeat(1_000_000) }],
    ['too many variables', Array(11_000).fill('{{ x }}'), { x: 1 }],
    ['deep nesting', JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as Json, {}],
    ['many openings', `${'{{ x '.repeat(20_000)}${'}}'.repeat(20_000)}`, { x: 'x' }],
  ])('substituting %s ends at a limit', (_, document, data) => {
    expect(() => filled(document, { compatibility: 'kyverno' }, data)).toThrow(
      expect.objectContaining({ name: 'ConditionError' }),
    )
  })

  test('reads 100 000 unterminated references without backtracking', () => {
    const text = '$(a'.repeat(100_000)
    expect(filled(text)).toBe(text)
    const escaped = '\\$(a'.repeat(100_000)
    expect(filled(escaped)).toBe(escaped)
  })

  test('reads 50 000 unterminated braces without backtracking', () => {
    for (const text of ['{{ a '.repeat(50_000), '{{{a}'.repeat(50_000), '{'.repeat(50_000), '{{ {a} '.repeat(50_000)])
      expect(filled(text)).toBe(text)
  })
})

test('treats names of the prototype as ordinary keys and variables', () => {
  const data = JSON.parse('{"name":"__proto__","value":{"verified":true}}') as JsonObject
  const result = filled(JSON.parse('{"{{ name }}":"{{ value }}","constructor":"{{ name }}"}') as Json, {}, data)
  expect(Object.keys(result as object)).toEqual(['__proto__', 'constructor'])
  expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
  expect(Object.hasOwn(Object.prototype, 'verified')).toBe(false)
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
    expect(() => filled(`{{ ${name} }}`)).toThrow(code('CONDITION_VARIABLE_UNRESOLVED'))
})

test('does not mutate the document and the data, and returns a result that does not alias them', () => {
  const document = { a: '{{ list }}' }
  const result = filled(document) as { a: string[] }
  result.a.push('c')
  expect(document).toEqual({ a: '{{ list }}' })
  expect(DATA['list']).toEqual(['a', 'b'])
})
