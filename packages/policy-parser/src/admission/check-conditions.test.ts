import type { Json, JsonObject } from '@verify-images/primitives'
import { describe, expect, test } from 'vitest'
import { validatePolicy } from '../validate-policy.ts'

const SET = { entries: [{ keys: { publicKeys: 'k' } }] }
const ENTRY = { imageReferences: ['ghcr.io/acme/*'], mutateDigest: false, attestors: [SET] }

function problemsOf(rule: JsonObject): readonly string[] {
  const match = { any: [{ resources: { kinds: ['Pod'] } }] }
  const spec = { background: false, rules: [{ name: 'check', match, verifyImages: [ENTRY], ...rule }] }
  const policy = { apiVersion: 'kyverno.io/v1', kind: 'ClusterPolicy', metadata: { name: 'p' }, spec }
  return validatePolicy(policy).errors.map(({ code, path }) => `${code} ${path.replace('spec.rules[0].', '')}`)
}

const preconditions = (condition: JsonObject): JsonObject => ({ preconditions: { all: [condition] } })
const operation = (value: Json): JsonObject =>
  preconditions({ key: '{{ request.operation }}', operator: 'AnyIn', value })

test.each<[string, Json]>([
  ['an operation', 'CREATE'],
  ['several operations', ['CREATE', 'UPDATE', 'DELETE', 'CONNECT']],
  ['a variable', '{{ request.object.metadata.labels.op }}'],
  ['no operation', []],
])('accepts a comparison of the operation with %s', (_, value) => {
  expect(problemsOf(operation(value))).toEqual([])
})

test.each<[string, Json]>([
  ['an unknown operation', 'PATCH'],
  ['an operation in lower case', 'create'],
  ['an array with an unknown operation', ['CREATE', 'PATCH']],
  ['an array with a number', ['CREATE', 1]],
  ['a number', 1],
  ['an object', { CREATE: true }],
])('rejects a comparison of the operation with %s', (_, value) => {
  expect(problemsOf(operation(value))).toEqual(['POLICY_FIELD_INVALID preconditions.all[0].value'])
})

test('compares the operation however the variable is written, and no other variable', () => {
  const compared = (key: string): readonly string[] =>
    problemsOf(preconditions({ key, operator: 'Equals', value: 'x' }))
  expect(compared('{{request.operation}}')).toHaveLength(1)
  expect(compared('{{  request.operation  }}')).toHaveLength(1)
  expect(compared('{{ request.namespace }}')).toEqual([])
  expect(compared('{{ request.operation }}!')).toEqual([])
})

test('rejects an unknown operator in every form of conditions', () => {
  const condition = { key: 'a', operator: 'Like', value: 'b' }
  expect(problemsOf(preconditions(condition))).toEqual(['POLICY_FIELD_INVALID preconditions.all[0].operator'])
  expect(problemsOf({ preconditions: { any: [condition] } })).toEqual([
    'POLICY_FIELD_INVALID preconditions.any[0].operator',
  ])
  expect(problemsOf({ preconditions: [condition] })).toEqual(['POLICY_FIELD_INVALID preconditions[0].operator'])
  expect(problemsOf(preconditions({ ...condition, operator: 'Equals' }))).toEqual([])
})

describe('with conditions on several attestations', () => {
  const attested = {
    ...ENTRY,
    attestations: ['a', 'b'].map((name) => ({ name, type: `https://t.test/${name}`, attestors: [SET] })),
  }
  const deny = (...entries: readonly JsonObject[]): readonly string[] => problemsOf({ verifyImages: [...entries] })
  const validate = {
    message: 'denied',
    deny: { conditions: { all: [{ key: '{{ a.x }}', operator: 'Equals', value: 1 }] } },
  }

  test('every entry of the rule needs `deny`, because Kyverno reads it in each', () => {
    expect(deny({ ...attested, validate }, { ...attested, validate })).toEqual([])
    expect(deny({ ...attested, validate }, attested)).toEqual(['POLICY_FIELD_MISSING verifyImages[1].validate.deny'])
    expect(deny(attested, attested)).toEqual([])
  })
})
