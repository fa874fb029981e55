import type { KubeConfig } from '@kubernetes/client-node'
import { arrayOf, aString, isJsonObject, type JsonObject, type OptionTable } from '@verify-images/primitives'
import { aKubeConfig, createClusterClient } from './cluster-client.ts'
import { checkOptions } from './kubernetes-error.ts'
import { createObjectCache, type CacheTimes, type ObjectCache } from './object-cache.ts'
import type { PolicyDocument, PolicyFeed } from './policy-feed.ts'
import { createEventWriter } from './policy-events.ts'

export interface ClusterPoliciesOptions {
  readonly config: KubeConfig
  /**
   * Namespaces whose PolicyExceptions count, `*` for all. Whoever may write one there can except any image. Default:
   * none.
   */
  readonly exceptionNamespaces?: readonly string[]
  /** Times of list and watch, in milliseconds. The defaults are those of docs/limits.md. */
  readonly times?: Partial<CacheTimes>
}

const clusterOptions: OptionTable<ClusterPoliciesOptions> = {
  config: aKubeConfig,
  exceptionNamespaces: arrayOf(aString),
  times: { expected: 'an object', fits: (value) => typeof value === 'object' },
}

const POLICY_PATHS = ['/apis/kyverno.io/v1/clusterpolicies', '/apis/kyverno.io/v1/policies'] as const
const EXCEPTION_PATH = '/apis/kyverno.io/v2/policyexceptions'

/**
 * Reads the ClusterPolicies, Policies and, where asked for, PolicyExceptions of a cluster, and follows their changes.
 * A broken policy gets an Event.
 *
 * @throws KubernetesError KUBERNETES_OPTIONS_INVALID
 */
export function clusterPolicies(options: ClusterPoliciesOptions): PolicyFeed {
  checkOptions(options, clusterOptions, { required: ['config'] })
  const { config, exceptionNamespaces = [], times = {} } = options
  const client = createClusterClient(config)
  const isTrusted = (object: JsonObject): boolean =>
    exceptionNamespaces.includes('*') || exceptionNamespaces.includes(metadataOf(object).namespace)
  let objects: readonly JsonObject[] = []
  return {
    start: ({ changed, problem }) => {
      const problems = new Map<string, string>()
      const caches: ObjectCache[] = []
      const onChange = (): void => {
        // A part of the policies must never be in use, so wait until each kind has been listed.
        if (caches.length < paths.length || !caches.every(({ isFilled }) => isFilled())) return
        const [cluster, namespaced, exceptions] = caches.map(({ values }) => values().toSorted(byName))
        objects = [...(cluster ?? []), ...(namespaced ?? []), ...(exceptions ?? [])]
        changed({
          policies: [...(cluster ?? []), ...(namespaced ?? [])].map(documentOf),
          exceptions: (exceptions ?? []).filter(isTrusted).map(documentOf),
        })
      }
      const paths = exceptionNamespaces.length === 0 ? POLICY_PATHS : [...POLICY_PATHS, EXCEPTION_PATH]
      for (const path of paths) {
        const onProblem = (message: string | undefined): void => {
          if (message === undefined) problems.delete(path)
          else problems.set(path, `${path}: ${message}`)
          problem(problems.values().next().value)
        }
        caches.push(createObjectCache(client, { path, onChange, onProblem, times }))
      }
      return () => {
        for (const cache of caches) cache.close()
      }
    },
    reportBroken: createEventWriter(client, (source) => objects.find((object) => sourceOf(object) === source)),
  }
}

/** Returns what a verdict depends on, so that a change of status or of managed fields is not a change of the policy. */
function documentOf(object: JsonObject): PolicyDocument {
  const { apiVersion, kind, spec } = object
  const { name, namespace } = metadataOf(object)
  const { labels, annotations } = isJsonObject(object['metadata']) ? object['metadata'] : {}
  const metadata = {
    name,
    ...(namespace === '' ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  }
  return { source: sourceOf(object), text: JSON.stringify({ apiVersion, kind, metadata, spec }) }
}

function sourceOf(object: JsonObject): string {
  const { namespace, name } = metadataOf(object)
  return [String(object['kind']), namespace, name].filter((part) => part !== '').join('/')
}

function metadataOf({ metadata }: JsonObject): { readonly namespace: string; readonly name: string } {
  const { namespace, name } = isJsonObject(metadata) ? metadata : {}
  return {
    namespace: typeof namespace === 'string' ? namespace : '',
    name: typeof name === 'string' ? name : '',
  }
}

function byName(a: JsonObject, b: JsonObject): number {
  const [first, second] = [sourceOf(a), sourceOf(b)]
  return first === second ? 0 : first < second ? -1 : 1
}
