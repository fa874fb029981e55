import { describe, expect, test } from 'vitest'
import type { JsonObject } from '@verify-images/primitives'
import { checkMatchConflict } from './check-match-conflict.ts'
import { viewPolicy } from './policy-view.ts'

function conflicts(match: JsonObject, exclude: JsonObject): boolean {
  let found = false
  checkMatchConflict(viewPolicy({ spec: { rules: [{ name: 'r', match, exclude }] } }), () => (found = true), {})
  return found
}

const pods = { resources: { kinds: ['Pod'] } }

describe('an exclude of everything that is matched', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['the same block', { any: [pods] }, { any: [{ resources: { kinds: ['Service'] } }, pods] }],
    ['the same kinds', pods, { resources: { kinds: ['Pod', 'Service'] } }],
    ['some name that is matched', { resources: { names: ['a', 'b'] } }, { resources: { names: ['b*'] } }],
    ['a block that says nothing', { any: [pods] }, { any: [] }],
    [
      'the same labels',
      { resources: { selector: { matchLabels: { a: 'b' } } } },
      { resources: { selector: { matchLabels: { a: 'b', c: 'd' } } } },
    ],
    [
      'the same subjects',
      { ...pods, subjects: [{ kind: 'User', name: 'u' }] },
      { subjects: [{ name: 'u', kind: 'User' }] },
    ],
  ])('an exclude of everything that is matched is refused: %s', (_name, match, exclude) =>
    expect(conflicts(match, exclude)).toBe(true),
  )

  test.each<[string, JsonObject, JsonObject]>([
    ['nothing', { any: [pods] }, {}],
    ['another block', { any: [pods] }, { any: [{ resources: { kinds: ['Pod'], namespaces: ['a'] } }] }],
    ['lists of all', { all: [pods] }, { any: [pods] }],
    ['other kinds', pods, { resources: { kinds: ['Service'] } }],
    [
      'fewer namespaces',
      { resources: { kinds: ['Pod'], namespaces: ['a', 'b'] } },
      { resources: { namespaces: ['a'] } },
    ],
    ['roles that are not matched', pods, { roles: ['a:b'] }],
    [
      'a selector where the other has none',
      pods,
      { resources: { kinds: ['Pod'], selector: { matchLabels: { a: 'b' } } } },
    ],
    [
      'other labels',
      { resources: { selector: { matchLabels: { a: 'b' } } } },
      { resources: { selector: { matchLabels: { a: 'c' } } } },
    ],
    ['other annotations', { resources: { annotations: { a: 'b' } } }, { resources: { annotations: { a: 'c' } } }],
    ['another name', { resources: { kinds: ['Pod'], name: 'a' } }, { resources: { name: 'b' } }],
  ])('an exclude of a part of what is matched is accepted: %s', (_name, match, exclude) =>
    expect(conflicts(match, exclude)).toBe(false),
  )
})
