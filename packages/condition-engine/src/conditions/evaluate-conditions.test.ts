import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '@verify-images/primitives'
import { createQueryContext } from '../query-context.ts'
import { evaluateAttestationConditions } from './attestation-conditions.ts'
import {
  compileConditions,
  evaluateConditions,
  evaluateConditionSets,
  type ConditionOptions,
} from './evaluate-conditions.ts'

const yes = { key: 'a', operator: 'Equals', value: 'a', message: 'yes' }
const no = { key: 'a', operator: 'Equals', value: 'b', message: 'no' }
const broken = { key: '{{ nope }}', operator: 'Equals', value: 'x', message: 'broken' }
const context = createQueryContext({ x: 'foo', n: 3, request: { object: { metadata: { labels: { tier: '*' } } } } })
const evaluate = (conditions: Json | undefined, options?: ConditionOptions): unknown =>
  evaluateConditions(conditions, context, options)
const code = (expected: string): unknown => expect.objectContaining({ code: expected })

test.each<[Json | undefined, boolean, string]>([
  [undefined, true, ''],
  [null, true, ''],
  [{ any: [] }, false, ''],
  [{ any: [no, yes, broken] }, true, 'yes'],
  [{ any: [no, no] }, false, 'no; no'],
  [{ all: [yes, yes] }, true, 'yes; yes'],
  [{ all: [yes, no, broken] }, false, 'no'],
  [{ any: [no], all: [no] }, false, 'no; no'],
  [[yes, yes], true, 'yes;yes'],
  [[yes, no, broken], false, 'no'],
  [{ ALL: [no] }, false, 'no'],
])('evaluates the conditions %j: holds is %s, the message is %j', (conditions, holds, message) => {
  expect(evaluate(conditions)).toMatchObject({ holds, message })
})

describe('conditions that would hold for anything', () => {
  const gaps: Json[] = [
    [],
    {},
    { any: null, all: [] },
    { al: [no] },
    { all: [yes], an: [no] },
    [{ key: 'a', operator: 'NotEquals', valu: 'a' }],
  ]
  test.each(gaps)('are rejected where they would allow something: %j', (conditions) => {
    expect(() => evaluate(conditions)).toThrow(code('CONDITION_INVALID'))
    expect(() => evaluate(conditions, { purpose: 'allow' })).toThrow(code('CONDITION_INVALID'))
    expect(() => evaluateConditionSets([conditions], context)).toThrow(code('CONDITION_INVALID'))
    // A rule that applies to more, or a denial of more, is the careful answer, and Kyverno's.
    for (const purpose of ['deny', 'select'] as const)
      expect(evaluate(conditions, { purpose })).toMatchObject({ holds: true })
    expect(evaluate(conditions, { compatibility: 'kyverno' })).toMatchObject({ holds: true })
  })

  test('absent conditions, and sets that never hold, are not refused as conditions that hold for anything', () => {
    expect(() => evaluateConditionSets([], context)).toThrow(code('CONDITION_INVALID'))
    expect(evaluate({ any: [], all: [] })).toMatchObject({ holds: false })
    expect(evaluate({ any: null, All: [yes] })).toMatchObject({ holds: true })
  })
})

test('conditions reject an unknown purpose, an invalid context and invalid options', () => {
  const fault = code('CONDITION_OPTIONS_INVALID')
  const none = undefined as never
  for (const run of [evaluateConditions, evaluateConditionSets, evaluateAttestationConditions]) {
    expect(() => run([{ all: [yes] }], context, { purpose: 'Deny' as never })).toThrow(fault)
    for (const other of [none, null, {}, 'text'] as never[]) expect(() => run([{ all: [yes] }], other)).toThrow(fault)
    for (const options of [null, { purpos: 'deny' }] as never[])
      expect(() => run([{ all: [yes] }], context, options)).toThrow(fault)
  }
})

test('an array of any/all objects holds only if every object holds', () => {
  expect(evaluateConditionSets([{ any: [yes] }, { all: [yes] }], context)).toEqual({ holds: true, message: 'yes;yes' })
  expect(evaluateConditionSets([{ any: [no] }, { all: [broken] }], context)).toMatchObject({
    holds: false,
    message: 'no',
  })
  expect(evaluateConditionSets(null, context).holds).toBe(true)
})

test.each<[Json, string]>([
  ['text', 'CONDITION_INVALID'],
  [['text'], 'CONDITION_INVALID'],
  [{ any: yes }, 'CONDITION_INVALID'],
  [[{ ...yes, operator: 5 }], 'CONDITION_INVALID'],
  [[{ ...yes, message: {} }], 'CONDITION_INVALID'],
  [[{}], 'CONDITION_OPERATOR_UNKNOWN'],
  [[{ ...yes, operator: 'constructor' }], 'CONDITION_OPERATOR_UNKNOWN'],
  [{ any: [no, broken] }, 'CONDITION_VARIABLE_UNRESOLVED'],
  [[{ ...yes, value: '{{ a b }}' }], 'CONDITION_EXPRESSION_INVALID'],
])('evaluating %j fails with %s', (conditions, expected) => {
  expect(() => evaluate(conditions)).toThrow(code(expected))
})

test('errors of conditions have the messages of Kyverno', () => {
  const text = 'failed to resolve nope at path : JMESPath query failed: Unknown key "nope" in path'
  expect(() => evaluate([broken])).toThrow(`failed to substitute variables in condition key: ${text}`)
  expect(() => evaluate([{ ...yes, value: ['{{ nope }}'] }])).toThrow(
    'failed to substitute variables in condition value: failed to resolve nope at path /0: ',
  )
  expect(() => evaluate([{}])).toThrow('failed to create handler for condition operator: %!w(<nil>)')
})

test('compiled conditions keep no state between evaluations', () => {
  const compiled = compileConditions({ all: [{ key: '{{ x }}', operator: 'Equals', value: 'foo' }] })
  const other = createQueryContext({ x: 'bar' })
  expect([context, other, context].map((each) => compiled.evaluate(each).holds)).toEqual([true, false, true])
})

describe('whether a wildcard is a pattern depends on its origin:', () => {
  const label = '{{ request.object.metadata.labels.tier }}'
  test('a wildcard in a key from data is not a pattern', () => {
    const condition = { key: label, operator: 'AnyIn', value: ['prod'] }
    expect(evaluate([condition], { purpose: 'allow' })).toMatchObject({ holds: false })
    expect(evaluate([condition], { purpose: 'allow', compatibility: 'kyverno' })).toMatchObject({ holds: true })
    // A rule must not be skipped by a label of `*`.
    expect(evaluate([condition], { purpose: 'select' })).toMatchObject({ holds: true })
  })
  test('a wildcard in a value from data beside a literal key is not a pattern', () => {
    const condition = { key: 'prod', operator: 'Equals', value: label }
    expect(evaluate([condition])).toMatchObject({ holds: false })
    expect(evaluate([condition], { compatibility: 'kyverno' })).toMatchObject({ holds: true })
  })
  test('a wildcard in a value from a ConfigMap beside a key from data is a pattern', () => {
    expect(evaluate([{ key: '{{ x }}', operator: 'AnyIn', value: label }])).toMatchObject({ holds: true })
  })
})

test('a deny condition denies a key that is null or of another type', () => {
  const condition = {
    key: '{{ request.object.metadata.labels.missing || `null` }}',
    operator: 'NotEquals',
    value: 'low',
  }
  expect(evaluate([condition], { purpose: 'deny' })).toMatchObject({ holds: true })
  expect(evaluate([condition], { purpose: 'deny', compatibility: 'kyverno' })).toMatchObject({ holds: false })
  expect(evaluate([{ ...condition, key: '{{ x }}', value: 'foo' }], { purpose: 'deny' })).toMatchObject({
    holds: false,
  })
})

describe('attestation conditions', () => {
  const predicate: JsonObject = {
    scanner: { critical: 0, high: 2, levels: [1, 2] },
    evil: '{{ request.object.secret }}',
    builder: { id: '*' },
    request: { object: { secret: 'hidden' } },
  }
  const attested = createQueryContext(predicate)
  const judge = (list: Json, options?: ConditionOptions): unknown =>
    evaluateAttestationConditions(list, attested, options)

  test('attestation conditions substitute the variables of messages', () => {
    const list = [
      {
        all: [
          { key: '{{ scanner.high }}', operator: 'Equals', value: 0, message: 'high findings: {{ scanner.high }}' },
        ],
      },
    ]
    for (const compatibility of ['strict', 'kyverno'] as const)
      expect(judge(list, { compatibility })).toMatchObject({ holds: false, message: 'high findings: 2' })
  })

  test('attestation conditions fail if any variable does not resolve, also after the condition that decides', () => {
    const list = [{ any: [yes, broken] }]
    for (const compatibility of ['strict', 'kyverno'] as const) {
      expect(() => judge(list, { compatibility })).toThrow(
        'failed to substitute variables in attestation conditions: failed to resolve nope at path /0/any/1/key: ',
      )
    }
  })

  test('attestation conditions never evaluate variables in attested data', () => {
    const list = [{ all: [{ key: '{{ evil }}', operator: 'Equals', value: 'hidden' }] }]
    expect(judge(list)).toMatchObject({ holds: false })
    expect(judge(list, { compatibility: 'kyverno' })).toMatchObject({ holds: true })
  })

  test('attestation conditions do not treat a wildcard in attested data as a pattern', () => {
    const list = [{ all: [{ key: '{{ builder.id }}', operator: 'AnyIn', value: ['https://a', 'https://b'] }] }]
    expect(judge(list)).toMatchObject({ holds: false })
    expect(judge(list, { compatibility: 'kyverno' })).toMatchObject({ holds: true })
  })

  test('attestation conditions compare numbers in attested arrays with literals of the policy', () => {
    const list = [{ all: [{ key: '{{ scanner.levels }}', operator: 'Equals', value: [1, 2] }] }]
    for (const compatibility of ['strict', 'kyverno'] as const)
      expect(judge(list, { compatibility })).toMatchObject({ holds: true })
  })

  test.each<[Json, boolean | string, boolean]>([
    [null, true, true],
    [[], 'CONDITION_INVALID', true],
    [[{ al: [yes] }], 'CONDITION_INVALID', true],
    [[{ all: [yes], an: [no] }], 'CONDITION_INVALID', true],
    [[{}], 'CONDITION_INVALID', true],
    [[{ all: [] }], 'CONDITION_INVALID', true],
    [[{ any: [] }], 'CONDITION_INVALID', true],
    [[{ any: [], all: [yes] }], 'CONDITION_INVALID', true],
    [[{ any: [yes], all: [] }], true, true],
  ])('attestation conditions evaluate %j to %s by default and to %s as Kyverno does', (list, strict, kyverno) => {
    if (typeof strict === 'string') expect(() => judge(list)).toThrow(code(strict))
    else expect(judge(list)).toMatchObject({ holds: strict })
    expect(judge(list, { compatibility: 'kyverno' })).toMatchObject({ holds: kyverno })
  })

  test('attestation conditions take operators and fields from the policy only, never from data', () => {
    const data = createQueryContext({ operator: 'NotEquals', none: [], x: 'a' })
    const written = [{ all: [{ key: '{{ x }}', operator: '{{ operator }}', value: 'b' }] }]
    expect(() => evaluateAttestationConditions(written, data)).toThrow(code('CONDITION_OPERATOR_UNKNOWN'))
    expect(() => evaluateAttestationConditions([{ all: '{{ none }}' }], data)).toThrow(code('CONDITION_INVALID'))
  })
})

test('attestation conditions on any data give a result or a ConditionError', () => {
  const text = fc.oneof(
    fc.constantFrom(
      'any',
      'all',
      'key',
      'operator',
      'value',
      'message',
      'Equals',
      'AnyIn',
      'NotIn',
      '{{ x }}',
      '{{ x.y }}',
      '$(/0)',
      '__proto__',
    ),
    fc.string(),
  )
  const { json } = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<Json>(null, true, 1, -0.5),
      text,
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(text, tie('json'), { maxKeys: 4 }),
    ),
  }))
  const compound = fc.record({ key: json, operator: text, value: json })
  const shapes = fc.oneof(json, fc.array(compound), fc.record({ any: fc.array(compound), all: fc.array(compound) }))
  fc.assert(
    fc.property(shapes, json, fc.constantFrom('strict', 'kyverno'), (conditions, x, compatibility) => {
      const data = createQueryContext({ x })
      for (const run of [evaluateConditions, evaluateConditionSets, evaluateAttestationConditions]) {
        try {
          expect(typeof run(conditions, data, { compatibility, purpose: 'deny' }).holds).toBe('boolean')
        } catch (error) {
          expect(error).toMatchObject({ name: 'ConditionError' })
        }
      }
    }),
  )
  expect(Object.keys(Object.prototype)).toEqual([])
})

describe('hostile conditions', () => {
  const deep = (levels: number): Json => JSON.parse(`${'['.repeat(levels)}1${']'.repeat(levels)}`) as Json

  test('conditions that nest too deep fail with a limit error', () => {
    for (const levels of [201, 5_000])
      expect(() => evaluate([{ key: deep(levels), operator: 'Equals', value: 1 }])).toThrow(
        expect.objectContaining({ code: 'CONDITION_LIMIT_EXCEEDED' }),
      )
    expect(evaluate([{ key: deep(100), operator: 'Equals', value: deep(100) }])).toMatchObject({ holds: true })
  })

  test('conditions do not read operators, fields or data from the prototype', () => {
    for (const operator of ['__proto__', 'constructor', 'toString'])
      expect(() => evaluate([{ key: 'a', operator, value: 'a' }])).toThrow(
        expect.objectContaining({ code: 'CONDITION_OPERATOR_UNKNOWN' }),
      )
    const conditions = JSON.parse(
      '{"__proto__":{"all":[]},"all":[{"key":"a","operator":"Equals","value":"a"}]}',
    ) as Json
    expect(() => evaluate(conditions)).toThrow(expect.objectContaining({ code: 'CONDITION_INVALID' }))
  })

  test('evaluating conditions mutates neither them nor the data', () => {
    const conditions: Json = { any: [{ key: '{{ l }}', operator: 'AnyIn', value: ['b', '{{ l[0] }}'] }] }
    const data = { l: ['b', 'a'] }
    const before = JSON.stringify([conditions, data])
    expect(evaluateConditions(conditions, createQueryContext(data))).toMatchObject({ holds: true })
    expect(JSON.stringify([conditions, data])).toBe(before)
  })
})
