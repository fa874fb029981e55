import type { MatchResources } from '@verify-images/policy-parser'
import { expect, test } from 'vitest'
import { matchException } from './match-exception.ts'
import type { MatchRequest } from './match-request.ts'
import { matchRule } from './match-rule.ts'

const REQUEST: MatchRequest = {
  object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', namespace: 'prod' } },
  operation: 'CREATE',
  gvk: { group: '', version: 'v1', kind: 'Pod' },
  subresource: '',
  namespaceLabels: { env: 'prod' },
  userInfo: {},
  roles: [],
  clusterRoles: [],
}
const exempts = (match: MatchResources, request: Partial<MatchRequest> = {}): boolean =>
  matchException({ match }, { ...REQUEST, ...request })
const PODS = { resources: { kinds: ['Pod'] } }

test.each<[MatchResources, boolean]>([
  [{ any: [PODS] }, true],
  [{ any: [{ resources: { kinds: ['Job'] } }, PODS] }, true],
  [{ all: [PODS, { resources: { names: ['x'] } }] }, true],
  [{ all: [PODS, { resources: { names: ['y'] } }] }, false],
  [{ any: [{ resources: { names: ['y'] } }], all: [PODS] }, false],
  [{ any: [{ resources: { namespaceSelector: { matchLabels: { env: 'prod' } } } }] }, true],
  [{ any: [{ resources: { namespaceSelector: { matchLabels: { env: 'dev' } } } }] }, false],
])('match %j exempts a Pod: %s', (match, expected) => {
  expect(exempts(match)).toBe(expected)
})

test.each<MatchResources>([{}, { any: [] }, { any: [{}] }, { all: [PODS, {}] }, { any: [{ roles: [] }] }, PODS])(
  'the empty or legacy match %j exempts nothing',
  (match) => {
    expect(exempts(match)).toBe(false)
  },
)

test('the match of an exception ignores operations', () => {
  expect(exempts({ any: [{ resources: { kinds: ['Pod'], operations: ['DELETE'] } }] })).toBe(true)
})

test('an exception for a user exempts nothing when the requester is unknown, unlike a rule for that user', () => {
  const match = { any: [{ ...PODS, subjects: [{ kind: 'User', name: 'alice' }] }] }
  expect(exempts(match)).toBe(false)
  expect(matchRule({ name: 'r', match }, REQUEST).matched).toBe(true)
  expect(exempts(match, { userInfo: { username: 'alice' } })).toBe(true)
})

test('the match of an exception ignores namespaceSelector for a Namespace', () => {
  const object = { kind: 'Namespace', metadata: { name: 'x' } }
  expect(
    exempts({ any: [{ resources: { names: ['x'], namespaceSelector: { matchLabels: { env: 'dev' } } } }] }, { object }),
  ).toBe(true)
})

test('the match of an exception selects the old object on DELETE, and nothing without an object', () => {
  const { object = {}, ...gone } = REQUEST
  expect(matchException({ match: { any: [PODS] } }, { ...gone, oldObject: object })).toBe(true)
  expect(matchException({ match: { any: [PODS] } }, gone)).toBe(false)
})
