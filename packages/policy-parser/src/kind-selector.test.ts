import { describe, expect, test } from 'vitest'
import { containsKind, kindOf } from './kind-selector.ts'

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
    ['v10/Pod', 'v10'],
    ['*/*', '*'],
    ['a/b/c/d/e', ''],
  ])('of %j is %j', (selector, kind) => expect(kindOf(selector)).toBe(kind))

  test('finds a kind in any spelling', () => {
    expect(containsKind(['Task', 'v1/Pod'], 'Pod')).toBe(true)
    expect(containsKind(['Task', 'Pods'], 'Pod')).toBe(false)
  })
})
