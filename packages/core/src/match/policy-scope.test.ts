import { expect, test } from 'vitest'
import { isForKind, needsNamespaceLabels, policyApplies } from './policy-scope.ts'
import { groupVersionKindOf } from './object-metadata.ts'

const inNamespace = (namespace?: string, kind = 'Pod'): { kind: string; metadata: { namespace?: string } } => ({
  kind,
  metadata: namespace === undefined ? {} : { namespace },
})

test('a ClusterPolicy sees everything', () => {
  expect(policyApplies({ kind: 'ClusterPolicy' }, { object: inNamespace() })).toBe(true)
})

test.each([
  ['its own namespace', { object: inNamespace('team') }, true],
  ['another', { object: inNamespace('other') }, false],
  ['none', { object: inNamespace() }, false],
  ['the namespace of the request', { object: inNamespace(), namespace: 'team' }, true],
  ['a Namespace', { object: { kind: 'Namespace', metadata: { name: 'team' } }, namespace: 'team' }, false],
  ['an old object elsewhere', { object: inNamespace('team'), oldObject: inNamespace('other') }, false],
  ['an old object alone', { oldObject: inNamespace('team') }, true],
])('a Policy sees %s', (_what, objects, expected) => {
  expect(policyApplies({ kind: 'Policy', namespace: 'team' }, objects)).toBe(expected)
})

test('a Policy that names no namespace is in the default one', () => {
  expect(policyApplies({ kind: 'Policy' }, { object: inNamespace('default') })).toBe(true)
  expect(policyApplies({ kind: 'Policy', namespace: '' }, { object: inNamespace('team') })).toBe(false)
})

test('namespace labels are needed where a block selects on them', () => {
  const selecting = { resources: { namespaceSelector: {} } }
  const other = { resources: { kinds: ['Pod'] } }
  for (const match of [selecting, { any: [other, selecting] }, { all: [selecting] }]) {
    expect(needsNamespaceLabels({ match })).toBe(true)
    expect(needsNamespaceLabels({ match: other, exclude: match })).toBe(true)
  }
  expect(needsNamespaceLabels({ match: { any: [other] }, exclude: other })).toBe(false)
})

test('an object that is null is in no namespace', () => {
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
])('%j is of the kind %j', (object, [group, version, kind]) => {
  expect(groupVersionKindOf(object)).toEqual({ group, version, kind })
})

test.each<[string, object, boolean]>([
  ['names the kind', { resources: { kinds: ['Pod'] } }, true],
  ['names another', { resources: { kinds: ['Service'] } }, false],
  [
    'names it in a block',
    { any: [{ resources: { kinds: ['Service'] } }, { resources: { kinds: ['v1/Pod'], names: ['x'] } }] },
    true,
  ],
  ['names others in all blocks', { all: [{ resources: { kinds: ['Service'] } }] }, false],
  ['names no kinds in a block', { any: [{ resources: { kinds: ['Service'] } }, { subjects: [] }] }, true],
  ['names nothing', {}, true],
])('a rule that %s', (_, match, expected) => {
  expect(isForKind({ match }, { gvk: { group: '', version: 'v1', kind: 'Pod' }, subresource: '' })).toBe(expected)
  expect(
    isForKind({ match }, { gvk: { group: '', version: 'v1', kind: 'Pod' }, subresource: 'ephemeralcontainers' }),
  ).toBe(expected)
})
