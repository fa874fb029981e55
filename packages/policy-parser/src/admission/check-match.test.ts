import type { Json, JsonObject } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { validatePolicy } from '../validate-policy.ts'

const POD = { any: [{ resources: { kinds: ['Pod'] } }] }
const ANYTHING = { any: [{ resources: { kinds: ['*'] } }] }
const IMAGES = [
  {
    imageReferences: ['ghcr.io/acme/*'],
    mutateDigest: false,
    attestors: [{ entries: [{ keys: { publicKeys: 'k' } }] }],
  },
]
const OWNER = { pattern: { metadata: { labels: { owner: '?*' } } } }

interface Parts {
  readonly match?: Json
  readonly exclude?: Json
  readonly [type: string]: Json | undefined
}

const rule = (parts: Parts): JsonObject => ({
  name: 'check',
  match: parts.match ?? POD,
  ...Object.fromEntries(Object.entries(parts).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))),
})

function problemsOf(parts: Parts, { background = false, namespace = '' } = {}): readonly string[] {
  const policy = {
    apiVersion: 'kyverno.io/v1',
    kind: namespace === '' ? 'ClusterPolicy' : 'Policy',
    metadata: { name: 'p', ...(namespace === '' ? {} : { namespace }) },
    spec: { background, rules: [rule(parts)] },
  }
  return validatePolicy(policy).errors.map(({ code, path }) => `${code} ${path.replace('spec.rules[0].', '')}`)
}

const matching = (block: Json): Json => ({ any: [block] })
const pods = (more: JsonObject = {}): Json => matching({ resources: { kinds: ['Pod'] }, ...more })
const selecting = (resources: JsonObject): Json => matching({ resources: { kinds: ['Pod'], ...resources } })

test.each<[string, Json]>([
  ['a user', pods({ subjects: [{ kind: 'User', name: 'jane' }] })],
  ['a group', pods({ subjects: [{ kind: 'Group', name: 'devs' }] })],
  ['a service account with a namespace', pods({ subjects: [{ kind: 'ServiceAccount', name: 'ci', namespace: 'ci' }] })],
  ['a role with a namespace', pods({ roles: ['team:admin'] })],
  ['a name', selecting({ name: 'app' })],
  ['several names', selecting({ names: ['app', 'web'] })],
  ['a namespace in a ClusterPolicy', selecting({ namespaces: ['team'] })],
  ['a selector', selecting({ selector: { matchLabels: { app: 'web' } } })],
  ['a selector with wildcards', selecting({ selector: { matchLabels: { 'app*': 'w?b' } } })],
  ['a block in the old form', { resources: { kinds: ['Pod'] } }],
])('accepts a match by %s', (_, match) => {
  expect(problemsOf({ match, verifyImages: IMAGES })).toEqual([])
})

test.each<[string, Json, string]>([
  [
    'a subject of another kind',
    pods({ subjects: [{ kind: 'Robot', name: 'r' }] }),
    'POLICY_FIELD_INVALID match.any[0].subjects[0].kind',
  ],
  [
    'a service account without a namespace',
    pods({ subjects: [{ kind: 'ServiceAccount', name: 'ci' }] }),
    'POLICY_FIELD_MISSING match.any[0].subjects[0].namespace',
  ],
  [
    'a subject with an empty name',
    pods({ subjects: [{ kind: 'User', name: '' }] }),
    'POLICY_FIELD_MISSING match.any[0].subjects[0].name',
  ],
  [
    'a subject with an empty kind',
    pods({ subjects: [{ kind: '', name: 'jane' }] }),
    'POLICY_FIELD_MISSING match.any[0].subjects[0].kind',
  ],
  ['a role without a namespace', pods({ roles: ['admin'] }), 'POLICY_FIELD_INVALID match.any[0].roles[0]'],
  ['a role with two colons', pods({ roles: ['team:admin:x'] }), 'POLICY_FIELD_INVALID match.any[0].roles[0]'],
  ['a name and names', selecting({ name: 'app', names: ['web'] }), 'POLICY_FIELD_CONFLICT match.any[0].resources'],
  [
    'an invalid selector',
    selecting({ selector: { matchLabels: { '-app': 'web' } } }),
    'POLICY_FIELD_INVALID match.any[0].resources.selector',
  ],
  ['an empty selector', selecting({ selector: {} }), 'POLICY_FIELD_INVALID match.any[0].resources.selector'],
])('rejects a match by %s', (_, match, problem) => {
  expect(problemsOf({ match, verifyImages: IMAGES })).toEqual([problem])
})

test('a namespaced policy cannot match by namespaces, in match and in exclude', () => {
  const match = selecting({ namespaces: ['team'] })
  const field = (section: string): string => `POLICY_FIELD_CONFLICT ${section}.any[0].resources.namespaces`
  expect(problemsOf({ match, verifyImages: IMAGES }, { namespace: 'team' })).toEqual([field('match')])
  expect(problemsOf({ exclude: match, verifyImages: IMAGES }, { namespace: 'team' })).toEqual([field('exclude')])
  expect(problemsOf({ verifyImages: IMAGES }, { namespace: 'team' })).toEqual([])
})

test('any and all exclude each other, and each of them excludes a block', () => {
  const block = { resources: { kinds: ['Pod'] } }
  expect(problemsOf({ match: { any: [block], all: [block] }, verifyImages: IMAGES })).toContain(
    'POLICY_FIELD_CONFLICT match',
  )
  expect(problemsOf({ match: { any: [block], ...block }, verifyImages: IMAGES })).toContain(
    'POLICY_FIELD_CONFLICT match',
  )
})

test('a match needs resources with a kind in each block', () => {
  expect(problemsOf({ match: { any: [{ roles: ['team:admin'] }] }, verifyImages: IMAGES })).toEqual([
    'POLICY_FIELD_MISSING match.any[0].resources',
    'POLICY_FIELD_MISSING match.any[0].resources.kinds',
  ])
  expect(problemsOf({ match: matching({ resources: { names: ['a'] } }), verifyImages: IMAGES })).toEqual([
    'POLICY_FIELD_MISSING match.any[0].resources.kinds',
  ])
  expect(problemsOf({ exclude: matching({ roles: ['team:admin'] }), verifyImages: IMAGES })).toEqual([])
})

const WILDCARD = 'POLICY_FIELD_CONFLICT match.any[0].resources.kinds'

test.each<[string, Parts]>([
  ['a pattern of metadata', { validate: OWNER }],
  ['several patterns of metadata', { validate: { anyPattern: [OWNER.pattern, OWNER.pattern] } }],
  ['a patch of metadata', { mutate: { patchStrategicMerge: OWNER.pattern } }],
  [
    'a deny by metadata',
    {
      validate: {
        deny: { conditions: [{ key: '{{ request.object.metadata.name }}', operator: 'Equals', value: 'a' }] },
      },
    },
  ],
  [
    'a deny by the requester',
    {
      validate: { deny: { conditions: [{ key: '{{ request.userInfo.username }}', operator: 'Equals', value: 'a' }] } },
    },
  ],
  [
    'a deny in the new form, which Kyverno does not check',
    {
      validate: {
        deny: { conditions: { any: [{ key: '{{ request.object.spec.x }}', operator: 'Equals', value: 'a' }] } },
      },
    },
  ],
])('accepts a rule for every kind with %s', (_, parts) => {
  expect(problemsOf({ match: ANYTHING, ...parts })).toEqual([])
})

test.each<[string, Parts]>([
  ['images', { verifyImages: IMAGES }],
  ['a pattern of the specification', { validate: { pattern: { spec: { replicas: 1 } } } }],
  ['one of several patterns beside metadata', { validate: { anyPattern: [OWNER.pattern, { spec: {} }] } }],
  ['a patch of the specification', { mutate: { patchStrategicMerge: { spec: {} } } }],
  ['a loop', { validate: { foreach: [] } }],
  [
    'a deny by the specification',
    {
      validate: { deny: { conditions: [{ key: '{{ request.object.spec.replicas }}', operator: 'Equals', value: 1 }] } },
    },
  ],
  ['a deny by a literal', { validate: { deny: { conditions: [{ key: 'x', operator: 'Equals', value: 'x' }] } } }],
])('rejects a rule for every kind with %s', (_, parts) => {
  expect(problemsOf({ match: ANYTHING, ...parts })).toContain(WILDCARD)
})

test('a rule for every kind needs background mode off, and no other kind', () => {
  expect(problemsOf({ match: ANYTHING, validate: OWNER }, { background: true })).toEqual([WILDCARD])
  const match = matching({ resources: { kinds: ['*', 'Pod'] } })
  expect(problemsOf({ match, validate: OWNER })).toEqual([WILDCARD])
  expect(problemsOf({ match: ANYTHING, validate: OWNER })).toEqual([])
})
