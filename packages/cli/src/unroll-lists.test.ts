import type { Json } from '@verify-images/core'
import { expect, test } from 'vitest'
import { unrollLists } from './unroll-lists.ts'

const pod = { apiVersion: 'v1', kind: 'Pod' }

test.each<[string, Json, readonly Json[]]>([
  ['an object is itself', pod, [pod]],
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
    'items that are no list',
    { apiVersion: 'v1', kind: 'List', items: {} },
    [{ apiVersion: 'v1', kind: 'List', items: {} }],
  ],
])('%s', (_, document, objects) => {
  expect(unrollLists(document)).toEqual(objects)
})

test('lists in lists have an end', () => {
  let list: Json = pod
  for (let i = 0; i < 5_000; i++) list = { kind: 'List', items: [list] }
  expect(() => unrollLists(list)).toThrow(expect.objectContaining({ code: 'POLICY_TOO_LARGE' }))
})
