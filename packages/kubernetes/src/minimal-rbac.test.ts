import { parseExceptions, parsePolicies, type Policy } from '@verify-images/core'
import { expect, test } from 'vitest'
import { secretsOfPolicies } from './grants.ts'
import { minimalRbac, type MinimalRbacOptions } from './minimal-rbac.ts'

const KEY = { keys: { publicKeys: 'k8s://keys/release' } }

function policyWith(rule: object, metadata: object = {}, spec: object = {}): readonly Policy[] {
  return parsePolicies(
    JSON.stringify({
      apiVersion: 'kyverno.io/v1',
      kind: 'namespace' in metadata ? 'Policy' : 'ClusterPolicy',
      metadata: { name: 'signed', ...metadata },
      spec: {
        validationFailureAction: 'Enforce',
        background: false,
        ...spec,
        rules: [
          {
            name: 'check',
            match: { any: [{ resources: { kinds: ['Pod'] } }] },
            verifyImages: [{ imageReferences: ['*'], attestors: [{ entries: [KEY] }] }],
            ...rule,
          },
        ],
      },
    }),
  )
}

/** Returns each permission on one line: `namespace verbs resource.group/names`. */
function permissions(options: Partial<MinimalRbacOptions>): readonly string[] {
  const serviceAccount = { namespace: 'verify-images', name: 'webhook' }
  const objects = minimalRbac({ policies: [], secrets: [], serviceAccount, ...options })
  return objects.flatMap((object) => {
    const { kind, metadata, rules } = JSON.parse(JSON.stringify(object))
    if (!String(kind).endsWith('Role')) return []
    return rules.map(({ apiGroups, resources, resourceNames = [], verbs }: Record<string, string[]>) =>
      `${metadata.namespace ?? '*'}: ${verbs?.join(',')} ${resources?.join()}.${apiGroups?.join()} ${resourceNames.join()}`.trim(),
    )
  })
}

const context = (entry: object): object => ({ context: [{ name: 'x', ...entry }] })
const selecting = (block: object): object => ({ match: { any: [{ resources: { kinds: ['Pod'] }, ...block }] } })
const RBAC = 'rbac.authorization.k8s.io'

test.each<[string, object, readonly string[]]>([
  ['nothing of the cluster', {}, []],
  [
    'labels of the namespace',
    { exclude: { any: [{ resources: { namespaceSelector: { matchLabels: { env: 'dev' } } } }] } },
    ['*: get,list,watch namespaces.'],
  ],
  [
    'roles of the requester',
    selecting({ clusterRoles: ['cluster-admin'] }),
    [`*: get,list,watch rolebindings.${RBAC}`, `*: get,list,watch clusterrolebindings.${RBAC}`],
  ],
  ['a ConfigMap', context({ configMap: { name: 'allowed', namespace: 'team' } }), ['team: get configmaps. allowed']],
  [
    'a ConfigMap of the namespace of the object',
    context({ configMap: { name: 'allowed', namespace: '{{ request.namespace }}' } }),
    ['*: get configmaps. allowed'],
  ],
  [
    'a list of Pods',
    context({ apiCall: { urlPath: '/api/v1/namespaces/{{ request.namespace }}/pods?limit=5' } }),
    ['*: list pods.'],
  ],
  [
    'one Deployment',
    context({ apiCall: { urlPath: '/apis/apps/v1/namespaces/team/deployments/web' } }),
    ['team: get deployments.apps web'],
  ],
  ['one Node', context({ apiCall: { urlPath: '/api/v1/nodes/a' } }), ['*: get nodes. a']],
  ['one namespace', context({ apiCall: { urlPath: '/api/v1/namespaces/a' } }), ['*: get namespaces. a']],
  [
    'an access review',
    context({ apiCall: { method: 'POST', urlPath: '/apis/authorization.k8s.io/v1/subjectaccessreviews' } }),
    ['*: create subjectaccessreviews.authorization.k8s.io'],
  ],
  ['a service', context({ apiCall: { service: { url: 'https://a.svc/' } } }), []],
  ['a global entry', context({ globalReference: { name: 'deployments' } }), ['*: get globalcontextentries.kyverno.io']],
])('a rule that reads %s needs just that', (_, rule, expected) => {
  expect(permissions({ policies: policyWith(rule) })).toEqual(expected)
})

test('overrides and exceptions that select by labels of the namespace need them, too', () => {
  const namespaceSelector = { matchLabels: { env: 'prod' } }
  const spec = { validationFailureActionOverrides: [{ action: 'Enforce', namespaceSelector }] }
  expect(permissions({ policies: policyWith({}, {}, spec) })).toEqual(['*: get,list,watch namespaces.'])
  const exceptions = parseExceptions(
    JSON.stringify({
      apiVersion: 'kyverno.io/v2',
      kind: 'PolicyException',
      metadata: { name: 'e', namespace: 'kyverno' },
      spec: {
        match: { any: [{ resources: { kinds: ['Pod'], namespaceSelector } }] },
        exceptions: [{ policyName: 'signed', ruleNames: ['*'] }],
      },
    }),
  )
  expect(permissions({ exceptions })).toEqual(['*: get,list,watch namespaces.'])
})

test('Secrets are those of the option: all by default, because each Pod names its own', () => {
  const serviceAccount = { namespace: 'v', name: 'w' }
  expect(minimalRbac({ policies: [], serviceAccount })).toMatchObject([
    { kind: 'ClusterRole', rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] },
    { kind: 'ClusterRoleBinding', subjects: [{ kind: 'ServiceAccount', ...serviceAccount }] },
  ])
  expect(permissions({ secrets: ['a/x', 'a/y', 'b/*', '*/z'] })).toEqual([
    '*: get secrets. z',
    'a: get secrets. x,y',
    'b: get secrets.',
  ])
})

test('what is granted for the cluster is not granted again for a namespace', () => {
  const both = [
    ...policyWith(context({ configMap: { name: 'a', namespace: '{{ request.namespace }}' } })),
    ...policyWith(context({ configMap: { name: 'a', namespace: 'team' } }), { name: 'other' }),
    ...policyWith(context({ configMap: { name: 'b', namespace: 'team' } }), { name: 'third' }),
  ]
  expect(permissions({ policies: both })).toEqual(['*: get configmaps. a', 'team: get configmaps. b'])
})

test('policies that are read from the cluster need to be followed, and Events to be written', () => {
  const names = ['clusterpolicies', 'policies', 'policyexceptions']
  expect(permissions({ from: 'cluster' })).toEqual([
    ...names.map((name) => `*: get,list,watch ${name}.kyverno.io`),
    '*: create events.events.k8s.io',
  ])
})

test('the Secrets that policies name are keys and credentials, wherever they stand', () => {
  const entry = {
    imageReferences: ['*'],
    attestors: [{ entries: [KEY, { keys: { secret: { name: 'other', namespace: 'keys' } } }] }],
    imageRegistryCredentials: { secrets: ['pull', 'team/pull'] },
  }
  const policies = policyWith({ verifyImages: [entry] })
  expect(secretsOfPolicies(policies)).toEqual(['keys/other', 'keys/release', 'kyverno/pull', 'team/pull'])
  expect(secretsOfPolicies(policies, 'security')).toContain('security/pull')
})

test.each([
  {},
  { policies: [] },
  { policies: [], serviceAccount: {} },
  { policies: [], serviceAccount: { name: 'a' } },
])('refuses the options %j', (options) => {
  expect(() => minimalRbac(options as never)).toThrow(expect.objectContaining({ code: 'KUBERNETES_OPTIONS_INVALID' }))
})
