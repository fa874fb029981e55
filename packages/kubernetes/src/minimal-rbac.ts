import type { Policy, PolicyException } from '@verify-images/policy-parser'
import { arrayOf, aString, anObject, oneOf, type JsonObject, type OptionTable } from '@verify-images/primitives'
import { aSecretPattern } from './allowed-calls.ts'
import { grantsOf, type Grant } from './grants.ts'
import { checkOptions } from './kubernetes-error.ts'

export interface MinimalRbacOptions {
  readonly policies: readonly Policy[]
  readonly exceptions?: readonly PolicyException[]
  /** Who gets the permissions. */
  readonly serviceAccount: { readonly namespace: string; readonly name: string }
  /** `cluster` if `clusterPolicies` reads the policies. Default: `folder`. */
  readonly from?: 'cluster' | 'folder'
  /** The same as for `kubernetesReader`. Default: all Secrets, because each Pod names its own pull secrets. */
  readonly secrets?: readonly string[]
}

const rbacOptions: OptionTable<MinimalRbacOptions> = {
  policies: arrayOf(anObject),
  exceptions: arrayOf(anObject),
  serviceAccount: {
    expected: '`{ namespace, name }`',
    fits: (value) =>
      anObject.fits(value) && ['namespace', 'name'].every((key) => aString.fits(Reflect.get(Object(value), key))),
  },
  from: oneOf('cluster', 'folder'),
  secrets: arrayOf(aSecretPattern),
}

/** What `clusterPolicies` needs. */
const FOR_POLICIES: readonly Grant[] = [
  ...['clusterpolicies', 'policies', 'policyexceptions'].map((resource) => ({
    group: 'kyverno.io',
    resource,
    verbs: ['get', 'list', 'watch'],
    namespace: '*',
  })),
  { group: 'events.k8s.io', resource: 'events', verbs: ['create'], namespace: '*' },
]

/**
 * Returns the roles and bindings that a webhook with these policies needs, and nothing beyond them, as objects for
 * `kubectl apply`.
 *
 * What a policy names only by a variable is granted for all names. The resource of a GlobalContextEntry is not known
 * here: grant `get`, `list` and `watch` on it yourself.
 *
 * @throws KubernetesError KUBERNETES_OPTIONS_INVALID
 */
export function minimalRbac(options: MinimalRbacOptions): readonly JsonObject[] {
  checkOptions(options, rbacOptions, { required: ['policies', 'serviceAccount'] })
  const { policies, exceptions = [], serviceAccount, from = 'folder', secrets = ['*/*'] } = options
  const grants = [
    ...(from === 'cluster' ? FOR_POLICIES : []),
    ...secrets.map(ofSecret),
    ...grantsOf(policies, exceptions),
  ]
  const byNamespace = Map.groupBy(grants, ({ namespace }) => namespace)
  const wide = byNamespace.get('*') ?? []
  return [...byNamespace.keys()].sort().flatMap((namespace) => {
    const own = byNamespace.get(namespace) ?? []
    const needed = namespace === '*' ? own : own.filter((grant) => !wide.some((wider) => covers(wider, grant)))
    return needed.length === 0 ? [] : roleWithBinding(namespace, needed, serviceAccount)
  })
}

function ofSecret(pattern: string): Grant {
  const [namespace = '*', name = '*'] = pattern.split('/')
  return { group: '', resource: 'secrets', verbs: ['get'], namespace, ...(name === '*' ? {} : { name }) }
}

function covers(wider: Grant, grant: Grant): boolean {
  return (
    wider.group === grant.group &&
    wider.resource === grant.resource &&
    (wider.name === undefined || wider.name === grant.name) &&
    grant.verbs.every((verb) => wider.verbs.includes(verb))
  )
}

const NAME = 'verify-images-webhook'
const API_GROUP = 'rbac.authorization.k8s.io'

function roleWithBinding(
  namespace: string,
  grants: readonly Grant[],
  serviceAccount: MinimalRbacOptions['serviceAccount'],
): readonly JsonObject[] {
  const prefix = namespace === '*' ? 'Cluster' : ''
  const metadata = namespace === '*' ? { name: NAME } : { name: NAME, namespace }
  const apiVersion = `${API_GROUP}/v1`
  return [
    { apiVersion, kind: `${prefix}Role`, metadata, rules: rulesOf(grants) },
    {
      apiVersion,
      kind: `${prefix}RoleBinding`,
      metadata,
      roleRef: { apiGroup: API_GROUP, kind: `${prefix}Role`, name: NAME },
      subjects: [{ kind: 'ServiceAccount', ...serviceAccount }],
    },
  ]
}

/** One rule for each resource and set of verbs, with all names that are needed. */
function rulesOf(grants: readonly Grant[]): readonly JsonObject[] {
  const groups = Map.groupBy(grants, ({ group, resource, verbs }) => JSON.stringify([group, resource, verbs]))
  return [...groups.values()].flatMap((same) => {
    const [first] = same
    if (first === undefined) return []
    const names = same.map(({ name }) => name)
    const all = names.includes(undefined)
    return {
      apiGroups: [first.group],
      resources: [first.resource],
      ...(all ? {} : { resourceNames: [...new Set(names.filter((name) => name !== undefined))].sort() }),
      verbs: [...first.verbs],
    }
  })
}
