import type { ContextEntry, MatchResources, Policy, PolicyException } from '@verify-images/policy-parser'
import { hasVariables, isJsonArray, isJsonObject, type Json } from '@verify-images/primitives'

/** One permission of the API server. */
export interface Grant {
  readonly group: string
  readonly resource: string
  readonly verbs: readonly string[]
  /** `*` for all: a cluster-scoped resource, or a namespace that is only known from the object under review. */
  readonly namespace: string
  /** Absent for all names. */
  readonly name?: string
}

const RBAC = 'rbac.authorization.k8s.io'
const WATCH_VERBS = ['get', 'list', 'watch'] as const

/** Returns what the reader asks the API server for when it evaluates these policies, apart from Secrets. */
export function grantsOf(policies: readonly Policy[], exceptions: readonly PolicyException[]): readonly Grant[] {
  const rules = policies.flatMap(({ spec, namespace }) => spec.rules.map((rule) => ({ rule, namespace })))
  const blocks = [
    ...rules.flatMap(({ rule: { match, exclude } }) => [match, ...(exclude === undefined ? [] : [exclude])]),
    ...exceptions.map(({ match }) => match),
  ].flatMap(blocksOf)
  const overrides = policies.flatMap(({ spec }) => spec.validationFailureActionOverrides ?? [])
  const byLabels = [...blocks.map(({ resources }) => resources), ...overrides]
  return [
    ...(byLabels.some((selecting) => selecting?.namespaceSelector !== undefined) ? [watchOf('', 'namespaces')] : []),
    ...(blocks.some(({ roles = [], clusterRoles = [] }) => roles.length + clusterRoles.length > 0)
      ? [watchOf(RBAC, 'rolebindings'), watchOf(RBAC, 'clusterrolebindings')]
      : []),
    ...rules.flatMap(({ rule, namespace }) => (rule.context ?? []).flatMap((entry) => grantsOfEntry(entry, namespace))),
  ]
}

/**
 * Returns the Secrets that policies name themselves, as `namespace/name`: keys and registry credentials. With them as
 * `secrets` of the reader, the pull secrets of Pods are not read.
 *
 * @param kyvernoNamespace where Secrets are that a policy names without a namespace
 */
export function secretsOfPolicies(
  policies: readonly Policy[],
  kyvernoNamespace: string = 'kyverno',
): readonly string[] {
  const found = policies.flatMap(({ spec }) => spec.rules.flatMap((rule) => secretsIn(asJson(rule.verifyImages))))
  return [...new Set(found.map((name) => (name.includes('/') ? name : `${kyvernoNamespace}/${name}`)))].sort()
}

function secretsIn(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') {
    const [, name] = /^\s*k8s:\/\/([a-z0-9.-]+\/[a-z0-9.-]+)\s*$/.exec(value) ?? []
    return name === undefined ? [] : [name]
  }
  if (isJsonArray(value)) return value.flatMap(secretsIn)
  if (!isJsonObject(value)) return []
  const { secret, imageRegistryCredentials: credentials } = value
  const listed = isJsonObject(credentials) && isJsonArray(credentials['secrets']) ? credentials['secrets'] : []
  return [
    ...(isJsonObject(secret) ? [[secret['namespace'], secret['name']].join('/')] : []),
    ...listed.filter((name) => typeof name === 'string'),
    ...Object.values(value).flatMap(secretsIn),
  ]
}

function asJson(value: unknown): Json | undefined {
  if (value === undefined) return undefined
  const copy: Json = JSON.parse(JSON.stringify(value))
  return copy
}

function watchOf(group: string, resource: string): Grant {
  return { group, resource, verbs: WATCH_VERBS, namespace: '*' }
}

function grantsOfEntry(
  { configMap, apiCall, globalReference }: ContextEntry,
  policyNamespace: string | undefined,
): readonly Grant[] {
  if (configMap !== undefined) {
    const namespace = known(configMap.namespace || (policyNamespace ?? 'default')) ?? '*'
    const name = known(configMap.name)
    return [{ group: '', resource: 'configmaps', verbs: ['get'], namespace, ...(name === undefined ? {} : { name }) }]
  }
  if (globalReference !== undefined)
    return [{ group: 'kyverno.io', resource: 'globalcontextentries', verbs: ['get'], namespace: '*' }]
  return apiCall === undefined ? [] : grantsOfPath(apiCall['urlPath'], apiCall['method'])
}

/** @see Kubernetes API concepts, "Resource URIs" */
function grantsOfPath(path: Json | undefined, method: Json | undefined): readonly Grant[] {
  const [, core, group = '', rest] = /^\/(?:(api\/[^/]+)|apis\/([^/]+)\/[^/]+)\/([^?]+)/.exec(String(path ?? '')) ?? []
  if (rest === undefined || (core === undefined && group === '')) return []
  const parts = rest.split('/')
  const isNamespaced = parts[0] === 'namespaces' && parts.length > 2
  const [resource = '', name, subresource] = isNamespaced ? parts.slice(2) : parts
  const named = name === undefined ? undefined : known(name)
  return [
    {
      group: known(group) ?? '*',
      resource: known([resource, subresource].filter((part) => part !== undefined).join('/')) ?? '*',
      verbs: [method === 'POST' ? 'create' : name === undefined ? 'list' : 'get'],
      namespace: isNamespaced ? (known(parts[1] ?? '') ?? '*') : '*',
      ...(named === undefined || method === 'POST' ? {} : { name: named }),
    },
  ]
}

/** Returns undefined for a string with variables: its value depends on the object under review. */
function known(value: string): string | undefined {
  return hasVariables(value) ? undefined : value
}

function blocksOf(resources: MatchResources): readonly MatchResources[] {
  return [resources, ...(resources.any ?? []), ...(resources.all ?? [])]
}
