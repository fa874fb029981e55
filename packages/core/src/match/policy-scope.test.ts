import { expect, test } from 'vitest'
import { isForKind, needsNamespaceLabels, policyApplies } from './policy-scope.ts'
import { groupVersionKindOf } from './object-metadata.ts'

const inNamespace = (namespace?: string, kind = 'Pod'): { kind: string; metadata: { namespace?: string } } => ({
  kind,
  metadata: namespace === undefined ? {} : { namespace },
})

test('a ClusterPolicy applies to every object', () => {
  expect(policyApplies({ kind: 'ClusterPolicy' }, { object: inNamespace() })).toBe(true)
})

test.each([
  ['the namespace of the policy', { object: inNamespace('team') }, true],
  ['another namespace', { object: inNamespace('other') }, false],
  ['no namespace', { object: inNamespace() }, false],
  ['the namespace of the request, stated by the request only', { object: inNamespace(), namespace: 'team' }, true],
  [
    'no namespace because it is a Namespace',
    { object: { kind: 'Namespace', metadata: { name: 'team' } }, namespace: 'team' },
    false,
  ],
  [
    'the namespace of the policy whose old object was not',
    { object: inNamespace('team'), oldObject: inNamespace('other') },
    false,
  ],
  ['the namespace of the policy, deleted', { oldObject: inNamespace('team') }, true],
])('a Policy applies to an object in %s: %j → %s', (_, objects, expected) => {
  expect(policyApplies({ kind: 'Policy', namespace: 'team' }, objects)).toBe(expected)
})

test('a Policy without a namespace is in `default`', () => {
  expect(policyApplies({ kind: 'Policy' }, { object: inNamespace('default') })).toBe(true)
  expect(policyApplies({ kind: 'Policy', namespace: '' }, { object: inNamespace('team') })).toBe(false)
})

test('namespace labels are needed when a block of match or exclude selects by them', () => {
  const selecting = { resources: { namespaceSelector: {} } }
  const other = { resources: { kinds: ['Pod'] } }
  for (const match of [selecting, { any: [other, selecting] }, { all: [selecting] }]) {
    expect(needsNamespaceLabels({ match })).toBe(true)
    expect(needsNamespaceLabels({ match: other, exclude: match })).toBe(true)
  }
  expect(needsNamespaceLabels({ match: { any: [other] }, exclude: other })).toBe(false)
})

test('a null object is in no namespace', () => {
  expect(policyApplies({ kind: 'Policy', namespace: 'team' }, { object: null as never })).toBe(false)
})

test.each([
  [{ apiVersion: 'v1', kind: 'Pod' }, ['', 'v1', 'Pod']],
  [{ apiVersion: 'apps/v1', kind: 'Deployment' }, ['apps', 'v1', 'Deployment']],
  [{ kind: 'Pod' }, ['', '', 'Pod']],
  [{ apiVersion: 'a/b/c', kind: 'Pod' }, ['', '', '']],
  [{ apiVersion: 5, kind: null }, ['', '', '']],
  [null as never, ['', '', '']],
  [undefined as never, ['', '', '']],
  [['v1'] as never, ['', '', '']],
])('the kind of %j is %j', (object, [group, version, kind]) => {
  expect(groupVersionKindOf(object)).toEqual({ group, version, kind })
})

test.each<[string, object, boolean]>([
  ['lists the kind', { resources: { kinds: ['Pod'] } }, true],
  ['lists another kind', { resources: { kinds: ['Service'] } }, false],
  [
    'lists it in one of its blocks',
    { any: [{ resources: { kinds: ['Service'] } }, { resources: { kinds: ['v1/Pod'], names: ['x'] } }] },
    true,
  ],
  ['lists other kinds in all blocks', { all: [{ resources: { kinds: ['Service'] } }] }, false],
  ['has a block without kinds', { any: [{ resources: { kinds: ['Service'] } }, { subjects: [] }] }, true],
  ['has an empty match', {}, true],
])('a rule that %s may match a Pod: %j → %s', (_, match, expected) => {
  expect(isForKind({ match }, { gvk: { group: '', version: 'v1', kind: 'Pod' }, subresource: '' })).toBe(expected)
  expect(
    isForKind({ match }, { gvk: { group: '', version: 'v1', kind: 'Pod' }, subresource: 'ephemeralcontainers' }),
  ).toBe(expected)
})
