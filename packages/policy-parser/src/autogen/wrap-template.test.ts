import type { Json } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { wrapMutate, wrapValidate } from './wrap-template.ts'

const PATTERN = { spec: { containers: [{ image: '!*:latest' }] } }
const validated = (validate: Json): Json | undefined => wrapValidate(validate, 'template', 'spec/template')

test('wraps a patch, and the patch of each loop with its list, context and preconditions', () => {
  expect(wrapMutate({ patchStrategicMerge: PATTERN }, 'template')).toEqual({
    patchStrategicMerge: { spec: { template: PATTERN } },
  })
  const loop = { list: 'request.object.spec.containers', context: [], preconditions: {}, other: 1 }
  expect(wrapMutate({ foreach: [{ ...loop, patchStrategicMerge: PATTERN }, { list: 'x' }] }, 'template')).toEqual({
    foreach: [
      { list: loop.list, context: [], preconditions: {}, patchStrategicMerge: { spec: { template: PATTERN } } },
      { list: 'x', patchStrategicMerge: { spec: { template: null } } },
    ],
  })
})

test.each<[string, Json | undefined]>([
  ['no mutate', undefined],
  ['a JSON patch', { patchesJson6902: '[]' }],
  ['no loops', { foreach: [] }],
])('does not wrap a mutate rule with %s', (_, mutate) => {
  expect(wrapMutate(mutate, 'template')).toBeUndefined()
})

test('wraps the patterns of a validate rule, and keeps other forms', () => {
  expect(validated({ message: 'm', pattern: PATTERN })).toEqual({
    message: 'm',
    pattern: { spec: { template: PATTERN } },
  })
  expect(validated({ anyPattern: [PATTERN, 'x'] })).toEqual({
    message: '',
    anyPattern: [{ spec: { template: PATTERN } }, { spec: { template: 'x' } }],
  })
  for (const [form, value] of Object.entries({
    deny: { conditions: [] },
    podSecurity: { level: 'baseline' },
    foreach: [{ list: 'x' }],
  }))
    expect(validated({ message: 'm', [form]: value })).toEqual({ message: 'm', [form]: value })
})

test('keeps the failure action of a validate rule, and a CEL rule as a whole', () => {
  const kept = { failureAction: 'Enforce', failureActionOverrides: [], allowExistingViolations: true }
  expect(validated({ ...kept, message: 'm', deny: {}, other: 1 })).toEqual({ ...kept, message: 'm', deny: {} })
  const cel = { cel: { expressions: [] }, message: 'm', other: 1 }
  expect(validated(cel)).toEqual(cel)
})

test.each<[string, Json]>([
  ['no form', { message: 'm' }],
  ['forms that are null', { pattern: null, deny: null, anyPattern: null, foreach: null }],
  ['no loops', { foreach: [] }],
  ['a string', 'x'],
])('does not wrap a validate rule with %s', (_, validate) => {
  expect(validated(validate)).toBeUndefined()
})

test.each([
  ['image $(/pattern/spec/x) is bad', 'image $(/pattern/spec/template/spec/x) is bad'],
  ['$(./../pattern/a) and $(/pattern/b)', '$(./../pattern/spec/template/a) and $(/pattern/spec/template/b)'],
  ['no reference', 'no reference'],
  ['$(/other/x)', '$(/other/x)'],
  ["$(/pattern/$&/$'x)", "$(/pattern/spec/template/$&/$'x)"],
])('moves the references of the message %j into the template', (message, moved) => {
  expect(validated({ message, pattern: {} })).toMatchObject({ message: moved })
})

test('moves a reference into one of several patterns behind the index of the pattern', () => {
  expect(validated({ message: '$(/anyPattern/0/x)', anyPattern: [{}] })).toMatchObject({
    message: '$(/anyPattern/0/spec/template/x)',
  })
})
