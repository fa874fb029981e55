import { expect, test } from 'vitest'
import { policyOf } from '../testing/policies.ts'
import type { RecordedStatus, RecordScope, ShownRecord } from '../engine/images/verification-record.ts'
import { annotationPatches, readScopedRecord } from './record-annotations.ts'

const newScope = (): RecordScope => {
  const [policy] = policyOf([{ imageReferences: ['*'] }], { name: 'p' })
  if (policy === undefined) throw new Error('there is one policy')
  return { policy, rule: 'r' }
}
const scope = newScope()
const shown = (statuses: Readonly<Record<string, RecordedStatus>>, ...scopes: readonly RecordScope[]): ShownRecord => {
  const byImage = new Map(Object.entries(statuses))
  return { byImage, byPolicy: new Map(scopes.map(({ policy, rule }) => [policy, new Map([[rule, byImage]])])) }
}

test('writes both annotations over what a user may have written, sorted', () => {
  const record = shown({ 'b@sha256:2': 'pass', 'a@sha256:1': 'skip' }, scope)
  expect(annotationPatches(record, { metadata: { annotations: { 'kyverno.io/verify-images': 'forged' } } })).toEqual([
    {
      op: 'add',
      path: '/metadata/annotations/kyverno.io~1verify-images',
      value: '{"a@sha256:1":"skip","b@sha256:2":"pass"}',
    },
    {
      op: 'add',
      path: '/metadata/annotations/kyverno.io~1verify-images-scoped',
      value: '{"version":1,"policies":{"/p":{"r":{"a@sha256:1":"skip","b@sha256:2":"pass"}}}}',
    },
  ])
})

test('adds the members that an object lacks, and writes nothing when nothing is shown', () => {
  expect(annotationPatches(shown({}), {})).toEqual([])
  expect(
    annotationPatches(shown({ a: 'pass' }, scope), {})
      .map(({ path }) => path)
      .slice(0, 2),
  ).toEqual(['/metadata', '/metadata/annotations'])
})

test('shows what no policy recorded by image only', () => {
  expect(annotationPatches(shown({ a: 'skip' }), { metadata: { annotations: {} } }).map(({ value }) => value)).toEqual([
    '{"a":"skip"}',
    '{"version":1,"policies":{}}',
  ])
})

test('keeps a failure where two policies of one name recorded the same image', () => {
  const [first, second] = [newScope(), newScope()]
  const byPolicy = new Map([
    [first.policy, new Map([['r', new Map<string, RecordedStatus>([['a', 'fail']])]])],
    [
      second.policy,
      new Map([
        [
          'r',
          new Map<string, RecordedStatus>([
            ['a', 'pass'],
            ['b', 'pass'],
          ]),
        ],
      ]),
    ],
  ])
  const record = { byImage: new Map<string, RecordedStatus>([['a', 'fail']]), byPolicy }
  expect(annotationPatches(record, { metadata: { annotations: {} } })[1]?.value).toBe(
    '{"version":1,"policies":{"/p":{"r":{"a":"fail","b":"pass"}}}}',
  )
})

test.each([
  ['its own', '{"version":1,"policies":{"/p":{"r":{"a":"pass"}}}}', 'pass'],
  ['another version', '{"version":2,"policies":{"/p":{"r":{"a":"pass"}}}}', undefined],
  ['the form without a scope', '{"a":"pass"}', undefined],
  ['another status', '{"version":1,"policies":{"/p":{"r":{"a":"yes"}}}}', undefined],
  ['text that is not JSON', 'pass', undefined],
  ['names of Object.prototype', '{"version":1,"policies":{}}', undefined],
])('reads an annotation with %s: %s is %s', (_, value, expected) => {
  const object = { metadata: { annotations: { 'kyverno.io/verify-images-scoped': value } } }
  expect(readScopedRecord(object, scope, 'a')).toBe(expected)
})
