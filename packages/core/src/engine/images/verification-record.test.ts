import { expect, test } from 'vitest'
import { annotationPatches } from '../../kyverno/record-annotations.ts'
import { policyOf } from '../../testing/policies.ts'
import { VerificationRecord, type RecordedStatus, type RecordScope } from './verification-record.ts'

const newScope = (): RecordScope => {
  const [policy] = policyOf([{ imageReferences: ['*'] }], { name: 'p' })
  if (policy === undefined) throw new Error('there is one policy')
  return { policy, rule: 'r' }
}
const scope = newScope()
const both = (status: RecordedStatus): Parameters<VerificationRecord['note']>[2] => ({ ours: status, kyverno: status })

test('the record of an image keeps a failure (S4); otherwise the last entry counts', () => {
  const record = new VerificationRecord()
  record.note(scope, 'a', both('fail'))
  record.note(scope, 'a', both('skip'))
  record.note(scope, 'b', both('pass'))
  record.note(scope, 'b', both('skip'))
  expect(record.statusOf(scope, 'a')).toBe('fail')
  expect(record.statusOf(scope, 'b')).toBe('skip')
})

test("in Kyverno's record of an image the last entry counts, also after a failure", () => {
  const record = new VerificationRecord()
  record.note(scope, 'a', both('fail'))
  record.note(scope, 'a', both('skip'))
  expect(record.kyvernoStatusOf(scope, 'a')).toBe('skip')
})

test('a record is separate for each rule, and for each of two policies with one name', () => {
  const record = new VerificationRecord()
  record.note(scope, 'a', both('pass'))
  expect(record.statusOf({ ...scope, rule: 'other' }, 'a')).toBeUndefined()
  expect(record.statusOf(newScope(), 'a')).toBeUndefined()
  expect(record.statusOf(scope, 'a')).toBe('pass')
})

test('the record that annotations show is not the one that is trusted', () => {
  const record = new VerificationRecord()
  record.note(scope, 'a', { ours: undefined, kyverno: 'pass' })
  expect(record.statusOf(scope, 'a')).toBeUndefined()
  record.note(scope, 'b', { ours: 'pass', kyverno: undefined })
  expect(JSON.stringify(annotationPatches(record.shown, {}))).not.toContain('b@')
  expect(record.shown.byImage).toEqual(new Map([['a', 'pass']]))
})

test('the annotations show a failure that Kyverno does not have', () => {
  const record = new VerificationRecord()
  record.note(scope, 'a', { ours: 'fail', kyverno: 'pass' })
  record.note(scope, 'b', { ours: 'fail', kyverno: undefined })
  expect(record.shown.byImage).toEqual(
    new Map([
      ['a', 'fail'],
      ['b', 'fail'],
    ]),
  )
})

test('the annotations show an image that is skipped by name without policy and rule', () => {
  const record = new VerificationRecord()
  record.noteSkippedByName('a')
  expect(record.shown.byImage).toEqual(new Map([['a', 'skip']]))
  expect(record.shown.byPolicy.size).toBe(0)
  expect(record.replacesAnnotations).toBe(true)
})

test('an image without a record leaves the annotations unchanged', () => {
  const record = new VerificationRecord()
  record.note(scope, 'a', { ours: undefined, kyverno: undefined })
  expect(record.replacesAnnotations).toBe(false)
})

test.each([
  ['before', ['fail', 'pass']],
  ['after', ['pass', 'fail']],
] as const)('keeps a failure under the tag %s another entry pinned the image and passed', (_, [first, second]) => {
  const record = new VerificationRecord()
  const pinned = (status: RecordedStatus): void => {
    record.note(scope, 'app:1', both(status), status === 'pass' ? 'app@sha256:1' : 'app:1')
  }
  pinned(first)
  pinned(second)
  expect(record.statusOf(scope, 'app@sha256:1')).toBe('fail')
  const control = new VerificationRecord()
  control.note(scope, 'app:1', both('pass'), 'app@sha256:1')
  control.note(scope, 'other:1', both('fail'))
  expect(control.statusOf(scope, 'app@sha256:1')).toBe('pass')
})
