import { readFileSync } from 'node:fs'
import type { MatchBlock, MatchResources } from '@verify-images/policy-parser'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '@verify-images/primitives'
import type { MatchRequest } from './match-request.ts'
import { matchRule } from './match-rule.ts'
import { groupVersionKindOf } from './object-metadata.ts'

const POD: JsonObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'prod', labels: { app: 'web' }, annotations: { 'team/x': 'core' } },
}
const ANONYMOUS: MatchRequest = {
  object: POD,
  operation: 'CREATE',
  gvk: { group: '', version: 'v1', kind: 'Pod' },
  subresource: '',
  namespaceLabels: { env: 'prod' },
  userInfo: {},
  roles: [],
  clusterRoles: [],
}
const ALICE: MatchRequest = {
  ...ANONYMOUS,
  userInfo: { username: 'alice', groups: ['dev'] },
  roles: ['prod:edit'],
  clusterRoles: ['view'],
}
const PODS: MatchResources = { any: [{ resources: { kinds: ['Pod'] } }] }

const matched = (match: MatchResources, request: MatchRequest = ANONYMOUS, exclude?: MatchResources): boolean =>
  matchRule({ name: 'r', match, ...(exclude ? { exclude } : {}) }, request).matched

describe('a single block', () => {
  test.each<[MatchBlock['resources'], boolean]>([
    [{ kinds: ['Pod'] }, true],
    [{ kinds: ['Deployment', 'P*'] }, true],
    [{ kinds: ['Deployment'] }, false],
    [{ name: 'web-*' }, true],
    [{ name: 'web' }, false],
    [{ names: ['api', 'web-?'] }, true],
    [{ names: ['api'] }, false],
    [{ namespaces: ['dev', 'pr*'] }, true],
    [{ namespaces: ['dev'] }, false],
    [{ annotations: { 'team/*': 'c*' } }, true],
    [{ annotations: { 'team/*': 'c*', other: '*' } }, false],
    [{ selector: { matchLabels: { app: 'web' } } }, true],
    [{ selector: { matchLabels: { app: 'api' } } }, false],
    [{ selector: {} }, true],
    [{ namespaceSelector: { matchLabels: { env: 'prod' } } }, true],
    [{ namespaceSelector: { matchLabels: { env: 'dev' } } }, false],
    [{ operations: ['CREATE', 'UPDATE'] }, true],
    [{ operations: ['DELETE'] }, false],
    [{ kinds: ['Pod'], names: ['api'] }, false],
  ])('%j matches under any, all and without either, and excludes: %s', (resources = {}, expected) => {
    expect(matched({ any: [{ resources }] })).toBe(expected)
    expect(matched({ all: [{ resources }] })).toBe(expected)
    expect(matched({ resources })).toBe(expected)
    expect(matched(PODS, ANONYMOUS, { any: [{ resources }] })).toBe(!expected)
  })

  test('a null label is read as empty, and all labels are ignored if one is neither string nor null', () => {
    const labelled = (labels: JsonObject): MatchRequest => ({
      ...ANONYMOUS,
      object: { ...POD, metadata: { name: 'web-1', labels } },
    })
    const exists: MatchResources = {
      any: [{ resources: { selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } } }],
    }
    expect(matched(exists, labelled({ app: null }))).toBe(true)
    expect(matched(exists, labelled({ app: 'web', tier: 1 }))).toBe(false)
  })

  test('a rule for a name compares generateName if the object has no name', () => {
    expect(
      matched(
        { resources: { name: 'gen-' } },
        { ...ANONYMOUS, object: { kind: 'Pod', metadata: { generateName: 'gen-' } } },
      ),
    ).toBe(true)
  })

  test('a Namespace is in the namespace of its own name, and is never matched by namespaceSelector', () => {
    const namespace = { ...ANONYMOUS, object: { kind: 'Namespace', metadata: { name: 'prod' } } }
    expect(matched({ resources: { namespaces: ['prod'] } }, namespace)).toBe(true)
    expect(matched({ resources: { namespaceSelector: {} } }, namespace)).toBe(false)
  })

  test('the namespace of the request counts if the object states none', () => {
    const bare = { ...ANONYMOUS, object: { kind: 'Pod', metadata: { name: 'x' } } }
    expect(matched({ resources: { namespaces: ['prod'] } }, bare)).toBe(false)
    expect(matched({ resources: { namespaces: ['prod'] } }, { ...bare, namespace: 'prod' })).toBe(true)
  })

  test.each<JsonObject>([
    {},
    { metadata: null },
    { metadata: [] },
    { metadata: { name: 5, namespace: {}, labels: 'x', annotations: { a: 1 } } },
    { metadata: { labels: { app: 'web', n: 1 } } },
  ])('metadata of the wrong type counts as missing: %j', (object) => {
    expect(matched({ resources: { names: ['?*'] } }, { ...ANONYMOUS, object })).toBe(false)
    expect(matched({ resources: { selector: { matchLabels: { app: 'web' } } } }, { ...ANONYMOUS, object })).toBe(false)
    expect(matched({ resources: { kinds: ['Pod'] } }, { ...ANONYMOUS, object })).toBe(true)
  })
})

describe('several blocks', () => {
  const yes: MatchBlock = { resources: { kinds: ['Pod'] } }
  const no: MatchBlock = { resources: { kinds: ['Job'] } }
  test.each<[MatchResources, boolean]>([
    [{ any: [no, yes] }, true],
    [{ any: [no, no] }, false],
    [{ all: [yes, yes] }, true],
    [{ all: [yes, no] }, false],
    [{ any: [yes], all: [no] }, true],
    [{ any: [], all: [no] }, false],
    [{ any: [no], ...yes }, false],
    [{}, false],
    [{ any: [{}] }, false],
    [{ any: [{ resources: {} }] }, false],
    [{ all: [yes, {}] }, false],
  ])('match %j matches: %s', (match, expected) => {
    expect(matched(match)).toBe(expected)
  })

  test.each<[MatchResources, boolean]>([
    [{ any: [no, yes] }, true],
    [{ any: [no] }, false],
    [{ all: [yes, yes] }, true],
    [{ all: [yes, no] }, false],
    [{ all: [yes, {}] }, false],
    [yes, true],
    [no, false],
    [{}, false],
    [{ any: [{}] }, false],
    [{ resources: {} }, false],
  ])('exclude %j excludes: %s', (exclude, expected) => {
    expect(matched(PODS, ANONYMOUS, exclude)).toBe(!expected)
  })
})

describe('the requester', () => {
  test.each<[MatchBlock, boolean]>([
    [{ roles: ['prod:edit'] }, true],
    [{ roles: ['prod:*'] }, false],
    [{ clusterRoles: ['view', 'x'] }, true],
    [{ clusterRoles: ['x'] }, false],
    [{ subjects: [{ kind: 'User', name: 'al*' }] }, true],
    [
      {
        subjects: [
          { kind: 'User', name: 'bob' },
          { kind: 'Group', name: 'dev' },
        ],
      },
      true,
    ],
    [{ subjects: [{ kind: 'Group', name: 'alice' }] }, false],
    [{ subjects: [{ kind: 'ServiceAccount', name: 'alice', namespace: 'prod' }] }, false],
    [{ subjects: [{ kind: 'Robot', name: '*' }] }, false],
    [{ roles: ['prod:edit'], clusterRoles: ['x'] }, false],
    [{ roles: ['prod:edit'], subjects: [{ kind: 'User', name: 'bob' }] }, false],
  ])('block %j matches and excludes alice: %s', (block, expected) => {
    expect(matched({ any: [{ resources: { kinds: ['Pod'] }, ...block }] }, ALICE)).toBe(expected)
    expect(matched(PODS, ALICE, { any: [block] })).toBe(!expected)
  })

  test('a requester is compared with a ServiceAccount subject by the full user name', () => {
    const robot = { ...ANONYMOUS, userInfo: { username: 'system:serviceaccount:ci:builder' } }
    expect(matched({ subjects: [{ kind: 'ServiceAccount', name: 'b*', namespace: 'ci' }] }, robot)).toBe(true)
    expect(matched({ subjects: [{ kind: 'ServiceAccount', name: 'builder', namespace: 'prod' }] }, robot)).toBe(false)
  })

  test('an unknown requester is ignored in match, which may leave an empty block', () => {
    const bob: MatchBlock = { subjects: [{ kind: 'User', name: 'bob' }] }
    expect(matched({ any: [{ resources: { kinds: ['Pod'] }, ...bob }] })).toBe(true)
    expect(matched({ any: [bob] })).toBe(false)
  })

  test('an unknown requester never excludes', () => {
    expect(matched(PODS, ANONYMOUS, { any: [{ subjects: [{ kind: 'User', name: '*?' }] }] })).toBe(true)
    expect(matched(PODS, ALICE, { any: [{ subjects: [{ kind: 'User', name: '*?' }] }] })).toBe(false)
  })

  test('a requester counts as known if any part is stated', () => {
    const known: Partial<MatchRequest>[] = [
      { userInfo: { username: 'x' } },
      { userInfo: { groups: [] } },
      { userInfo: { uid: '1' } },
      { userInfo: { extra: {} } },
      { roles: ['a:b'] },
      { clusterRoles: ['c'] },
    ]
    for (const part of known)
      expect(
        matched({ any: [{ resources: { kinds: ['Pod'] }, roles: ['none:such'] }] }, { ...ANONYMOUS, ...part }),
      ).toBe(false)
  })

  test('a requester matches a block whose only field is an empty array of roles', () => {
    expect(matched({ any: [{ roles: [] }] }, ALICE)).toBe(true)
    expect(matched(PODS, ALICE, { any: [{ roles: [] }] })).toBe(false)
  })
})

describe('the matched object', () => {
  test('the matched object is the old one if there is no new one', () => {
    const { object: _object, ...gone } = ANONYMOUS
    expect(matched(PODS, { ...gone, oldObject: POD })).toBe(true)
    expect(matchRule({ name: 'r', match: PODS }, gone)).toEqual({ matched: false, reason: 'resource is empty' })
  })

  test('the matched object must be in the namespace of a namespaced policy', () => {
    expect(matched(PODS, { ...ANONYMOUS, policyNamespace: 'prod' })).toBe(true)
    expect(matchRule({ name: 'r', match: PODS }, { ...ANONYMOUS, policyNamespace: 'dev' })).toEqual({
      matched: false,
      reason: 'policy and resource namespaces mismatch',
    })
  })
})

test("a mismatch has its reason in Kyverno's words", () => {
  const match = { resources: { kinds: ['Deployment', 'Job'], name: 'x' }, roles: ['a:b'] }
  expect(matchRule({ name: 'r', match }, ALICE).reason).toBe(
    [
      'rule r not matched:',
      ' 1. kind does not match [Deployment Job]',
      ' 2. name does not match',
      ' 3. user info does not match roles for the given conditionBlock',
    ].join('\n'),
  )
  expect(
    matchRule({ name: 'r', match: { resources: { operations: ['DELETE'], name: 'x' }, roles: ['a:b'] } }, ALICE).reason,
  ).toBe('rule r not matched:\n 1. operation does not match')
})

test('the example of the README gives the results that it shows', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'prod', labels: { app: 'web' } } }
  const rule = {
    name: 'signed',
    match: { any: [{ resources: { kinds: ['Pod'], namespaces: ['prod*'] } }] },
    exclude: { any: [{ resources: { selector: { matchLabels: { app: 'legacy-*' } } } }] },
  }
  const request = {
    ...{ object: pod, operation: 'CREATE', gvk: groupVersionKindOf(pod), subresource: '' },
    ...{ namespaceLabels: {}, userInfo: { username: 'alice', groups: ['dev'] }, roles: [], clusterRoles: [] },
  }
  const reason = 'rule signed not matched:\n 1. kind does not match [Job]'
  expect(matchRule(rule, request)).toEqual({ matched: true })
  expect(matchRule({ ...rule, match: { resources: { kinds: ['Job'] } } }, request)).toEqual({ matched: false, reason })
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  for (const line of [
    "match: { any: [{ resources: { kinds: ['Pod'], namespaces: ['prod*'] } }] }",
    "exclude: { any: [{ resources: { selector: { matchLabels: { app: 'legacy-*' } } } }] }",
    JSON.stringify(reason).slice(1, -1),
  ])
    expect(readme).toContain(line)
})
