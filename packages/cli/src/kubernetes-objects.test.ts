import type { Json } from '@verify-images/core'
import { expect, test } from 'vitest'
import { nullsAsText, unrollLists } from './kubernetes-objects.ts'

const pod = { apiVersion: 'v1', kind: 'Pod' }

test.each<[string, Json, readonly Json[]]>([
  ['an object', pod, [pod]],
  ['a list of Pods', { apiVersion: 'v1', kind: 'PodList', items: [pod] }, [pod]],
  [
    'lists in lists',
    { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'List', items: [pod] }, pod] },
    [pod, pod],
  ],
  ['items without a kind', { apiVersion: 'v1', kind: 'PodList', items: [{ spec: {} }] }, [{ spec: {}, ...pod }]],
  [
    'an object that has items',
    { apiVersion: 'v1', kind: 'ConfigMap', items: [pod] },
    [{ apiVersion: 'v1', kind: 'ConfigMap', items: [pod] }, pod],
  ],
  ['an empty list', { apiVersion: 'v1', kind: 'List', items: [] }, []],
  [
    'items that are not an array',
    { apiVersion: 'v1', kind: 'List', items: {} },
    [{ apiVersion: 'v1', kind: 'List', items: {} }],
  ],
])('expands %s', (_, document, objects) => {
  expect(unrollLists(document)).toEqual(objects)
})

test('rejects lists nested too deep', () => {
  let list: Json = pod
  for (let i = 0; i < 5_000; i++) list = { kind: 'List', items: [list] }
  expect(() => unrollLists(list)).toThrow(expect.objectContaining({ code: 'POLICY_TOO_LARGE' }))
})

test('turns null labels and annotations into empty strings, as the API server does', () => {
  expect(
    nullsAsText({
      kind: 'Pod',
      metadata: { name: null, labels: { a: null, b: '1' }, annotations: { c: null } },
      spec: { nodeName: null },
    }),
  ).toEqual({
    kind: 'Pod',
    metadata: { name: null, labels: { a: '', b: '1' }, annotations: { c: '' } },
    spec: { nodeName: null },
  })
})

test.each([
  ['no metadata', { kind: 'Pod' }],
  ['metadata that is not an object', { metadata: 'x' }],
  ['labels that are null, a list, or numbers', { metadata: { labels: null, annotations: [null] } }],
  ['numbers, which the API server refuses', { metadata: { labels: { a: 1 } } }],
])('keeps %s unchanged', (_, object) => {
  expect(nullsAsText(object)).toEqual(object)
})
