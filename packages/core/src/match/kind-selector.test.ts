import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesKind, parseKindSelector } from './kind-selector.ts'

test.each([
  ['Pod', ['*', '*', 'Pod', '']],
  ['*', ['*', '*', '*', '']],
  ['*/*', ['*', '*', '*', '*']],
  ['*/scale', ['*', '*', '*', 'scale']],
  ['*/Deployment', ['*', '*', 'Deployment', '']],
  ['v1/Pod', ['*', 'v1', 'Pod', '']],
  ['v1beta2/Pod', ['*', 'v1beta2', 'Pod', '']],
  ['v1gamma1/Pod', ['*', '*', 'v1gamma1', 'Pod']],
  ['Pod/status', ['*', '*', 'Pod', 'status']],
  ['Pod.status', ['*', '*', 'Pod', 'status']],
  ['v1/Pod.status', ['*', 'v1', 'Pod', 'status']],
  ['v1/Pod/status', ['*', 'v1', 'Pod', 'status']],
  ['*/Pod/status', ['*', '*', 'Pod', 'status']],
  ['apps/v1/Deployment', ['apps', 'v1', 'Deployment', '']],
  ['apps/*/Deployment', ['apps', '*', 'Deployment', '']],
  ['apps/v1/Deployment/scale', ['apps', 'v1', 'Deployment', 'scale']],
  ['apps/v1/Deployment.scale', ['apps', 'v1', 'Deployment', 'scale']],
  ['tekton.dev/v1/Task', ['tekton.dev', 'v1', 'Task', '']],
  ['Task.tekton.dev', ['Task', 'tekton', 'dev', '']],
  ['a/b/c/d/e', ['', '', '', '']],
])('parses %s as %j', (text, [group, version, kind, subresource]) => {
  expect(parseKindSelector(text)).toEqual({ group, version, kind, subresource })
})

const POD = { group: '', version: 'v1', kind: 'Pod' }
const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment' }

test.each([
  ['Pod', POD, '', true],
  ['pod', POD, '', false],
  ['P?d', POD, '', true],
  ['Pod', POD, 'status', false],
  ['Pod', POD, 'ephemeralcontainers', true],
  ['Pod/status', POD, 'ephemeralcontainers', true],
  // Version `*`, any kind, subresource `Deployment`.
  ['*/*/Deployment', POD, 'ephemeralcontainers', true],
  ['apps/v1/Pod', POD, 'ephemeralcontainers', false],
  ['Pod', { ...POD, group: 'example.com' }, 'ephemeralcontainers', false],
  ['Deployment', DEPLOYMENT, '', true],
  ['*/scale', DEPLOYMENT, 'scale', true],
  ['*', DEPLOYMENT, 'scale', false],
  ['*/*', DEPLOYMENT, 'scale', true],
  ['extensions/*/Deployment', DEPLOYMENT, '', false],
])('%s matches %j with subresource %j: %s', (selector, gvk, subresource, expected) => {
  expect(matchesKind(['Nothing', selector], gvk, subresource)).toBe(expected)
})

test('parses every string without throwing', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('v1', 'Pod', '*', '/', '.', 'a') }), (text) => {
      expect(Object.values(parseKindSelector(text)).every((part) => typeof part === 'string')).toBe(true)
    }),
  )
})
