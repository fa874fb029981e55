import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { containsKind, kindOf, parseKindSelector } from './kind-selector.ts'

test.each([
  ['Pod', ['*', '*', 'Pod', '']],
  ['*', ['*', '*', '*', '']],
  ['*/*', ['*', '*', '*', '*']],
  ['*/scale', ['*', '*', '*', 'scale']],
  ['*/Deployment', ['*', '*', 'Deployment', '']],
  ['v1/Pod', ['*', 'v1', 'Pod', '']],
  ['v1beta2/Pod', ['*', 'v1beta2', 'Pod', '']],
  ['v10/Pod', ['*', 'v10', 'Pod', '']],
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
])('parses the kind selector %s as %j', (text, [group, version, kind, subresource]) => {
  expect(parseKindSelector(text)).toEqual({ group, version, kind, subresource })
})

describe('kindOf', () => {
  test.each([
    ['Pod', 'Pod'],
    ['v1/Pod', 'Pod'],
    ['*/Pod', 'Pod'],
    ['apps/v1/Deployment', 'Deployment'],
    ['Pod.status', 'Pod'],
    ['Pod/status', 'Pod'],
    ['v1beta1/Pod/log', 'Pod'],
    ['apps/v1/Deployment/scale', 'Deployment'],
    ['v10/Pod', 'Pod'],
    ['v2alpha10/Pod', 'Pod'],
    ['v/Pod', 'v'],
    ['*/*', '*'],
    ['a/b/c/d/e', ''],
  ])('the kind in the selector %j is %j', (selector, kind) => expect(kindOf(selector)).toBe(kind))

  test('a kind is found in every form of a selector', () => {
    expect(containsKind(['Task', 'v1/Pod'], 'Pod')).toBe(true)
    expect(containsKind(['Task', 'Pods'], 'Pod')).toBe(false)
  })
})

test('any string parses as a kind selector without throwing', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('v1', 'Pod', '*', '/', '.', 'a') }), (text) => {
      expect(Object.values(parseKindSelector(text)).every((part) => typeof part === 'string')).toBe(true)
    }),
  )
})
