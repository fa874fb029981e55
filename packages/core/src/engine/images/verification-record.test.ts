import { expect, test } from 'vitest'
import { policyOf } from '../../testing/policies.ts'
import { readScopedRecord, recordScope, VerificationRecord, type RecordScope } from './verification-record.ts'

const newScope = (): RecordScope => {
  const [policy] = policyOf([{ imageReferences: ['*'] }], { name: 'p' })
  if (policy === undefined) throw new Error('there is one policy')
  return recordScope(policy, 'r')
}
const scope = newScope()

test('writes both annotations over what a user may have written', () => {
  const record = new VerificationRecord()
  record.show(scope, 'b@sha256:2', 'pass')
  record.show(scope, 'a@sha256:1', 'skip')
  expect(record.toPatches({ metadata: { annotations: { 'kyverno.io/verify-images': 'forged' } } })).toEqual([
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

test('makes room for them where there is none, and writes nothing where nothing was verified', () => {
  const record = new VerificationRecord()
  expect(record.toPatches({})).toEqual([])
  record.show(scope, 'a', 'pass')
  expect(
    record
      .toPatches({})
      .map(({ path }) => path)
      .slice(0, 2),
  ).toEqual(['/metadata', '/metadata/annotations'])
})

test('a failure stays, whatever a later entry says (S4); otherwise the last word counts', () => {
  const record = new VerificationRecord()
  record.trust(scope, 'a', 'fail')
  record.trust(scope, 'a', 'skip')
  record.trust(scope, 'b', 'pass')
  record.trust(scope, 'b', 'skip')
  expect(record.statusOf(scope, 'a')).toBe('fail')
  expect(record.statusOf(scope, 'b')).toBe('skip')
})

test('one rule does not see what another verified, nor one policy what another of its name', () => {
  const record = new VerificationRecord()
  record.trust(scope, 'a', 'pass')
  expect(record.statusOf({ ...scope, rule: 'other' }, 'a')).toBeUndefined()
  expect(record.statusOf(newScope(), 'a')).toBeUndefined()
  expect(record.statusOf(scope, 'a')).toBe('pass')
})

test.each([
  ['its own', '{"version":1,"policies":{"/p":{"r":{"a":"pass"}}}}', 'pass'],
  ['another version', '{"version":2,"policies":{"/p":{"r":{"a":"pass"}}}}', undefined],
  ['the old form', '{"a":"pass"}', undefined],
  ['another status', '{"version":1,"policies":{"/p":{"r":{"a":"yes"}}}}', undefined],
  ['no JSON', 'pass', undefined],
  ['names of Object.prototype', '{"version":1,"policies":{}}', undefined],
])('reads %s annotation as %s', (_, value, expected) => {
  const object = { metadata: { annotations: { 'kyverno.io/verify-images-scoped': value } } }
  expect(readScopedRecord(object, scope, 'a')).toBe(expected)
})

test('what is shown is not what is trusted', () => {
  const record = new VerificationRecord()
  record.show(scope, 'a', 'pass')
  expect(record.statusOf(scope, 'a')).toBeUndefined()
  record.trust(scope, 'b', 'pass')
  expect(JSON.stringify(record.toPatches({}))).not.toContain('b')
})

test('an image that is skipped by name is in the older annotation only', () => {
  const record = new VerificationRecord()
  record.showSkipped('a')
  expect(record.toPatches({ metadata: { annotations: {} } }).map(({ value }) => value)).toEqual([
    '{"a":"skip"}',
    '{"version":1,"policies":{}}',
  ])
})
