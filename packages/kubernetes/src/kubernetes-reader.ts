import type { KubeConfig } from '@kubernetes/client-node'
import type { ApiCall, KubernetesReader, ListableKind, ReadableKind } from '@verify-images/core'
import { arrayOf, type Json, type OptionTable } from '@verify-images/primitives'
import {
  anApiCallPattern,
  aSecretPattern,
  aServicePattern,
  isAllowedCall,
  isAllowedSecret,
  isAllowedService,
} from './allowed-calls.ts'
import { aKubeConfig, createClusterClient } from './cluster-client.ts'
import { createGlobalEntries } from './global-entries.ts'
import { checkOptions, KubernetesError } from './kubernetes-error.ts'
import { createObjectCache, type ObjectCache } from './object-cache.ts'
import { callService } from './service-call.ts'

/** What a policy may make the reader ask for. `minimalRbac` takes the same options. */
export interface ReaderPermissions {
  /**
   * Secrets that may be read, as `namespace/name`, each part perhaps `*`. Others count as missing. Default: all,
   * because each Pod names its own pull secrets.
   */
  readonly secrets?: readonly string[]
  /**
   * Paths that an `apiCall` may ask the API server for: `/api/v1/namespaces/*\/configmaps`, where `*` is one segment,
   * or `POST /apis/…`. Default: none.
   */
  readonly apiCalls?: readonly string[]
  /** Services that an `apiCall` may ask over HTTPS; a URL that ends in a slash allows all below it. Default: none. */
  readonly services?: readonly string[]
}

export interface KubernetesReaderOptions extends ReaderPermissions {
  /** How to reach the API server: `loadFromCluster()` in a Pod, `loadFromDefault()` on a workstation. */
  readonly config: KubeConfig
}

/** Whether a part of a webhook can do its work, for `/readyz`. */
export interface Readiness {
  readonly ready: boolean
  /** What is wrong. A part may be ready although something is. */
  readonly message?: string
}

/** Reads the cluster for `createImageVerifier({ kubernetes })`. */
export interface ClusterReader extends Required<KubernetesReader> {
  /** Not ready while a kind that rules have asked for has never been listed. */
  readonly readiness: () => Readiness
  /** Ends the watches. */
  readonly close: () => void
}

const permissionOptions = {
  secrets: arrayOf(aSecretPattern),
  apiCalls: arrayOf(anApiCallPattern),
  services: arrayOf(aServicePattern),
} as const
export const readerPermissions: OptionTable<ReaderPermissions> = permissionOptions
const readerOptions: OptionTable<KubernetesReaderOptions> = { ...permissionOptions, config: aKubeConfig }

/** Kinds that rules need for each review, with their paths. They are watched from the first use on. */
const WATCHED: Readonly<Record<'Namespace' | ListableKind, string>> = {
  Namespace: '/api/v1/namespaces',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/rolebindings',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
}

/**
 * Creates a reader of the cluster. Nothing is asked for until a rule needs it, so the webhook needs no more permissions
 * than its policies do.
 *
 * @throws KubernetesError KUBERNETES_OPTIONS_INVALID
 * @example
 * const config = new KubeConfig()
 * config.loadFromCluster()
 * createImageVerifier({ policies, kubernetes: kubernetesReader({ config }) })
 */
export function kubernetesReader(options: KubernetesReaderOptions): ClusterReader {
  checkOptions(options, readerOptions, { required: ['config'] })
  const { config, secrets = ['*/*'], apiCalls = [], services = [] } = options
  const client = createClusterClient(config)
  const caches = new Map<string, ObjectCache>()
  const cacheOf = (path: string): ObjectCache => {
    const known = caches.get(path) ?? createObjectCache(client, { path })
    caches.set(path, known)
    return known
  }
  const call = async (asked: ApiCall, signal: AbortSignal): Promise<Json> => {
    if (asked.target === 'service') {
      if (!isAllowedService(services, asked.url)) throw refused('the service is not listed in `services`')
      return callService(asked, signal)
    }
    if (!isAllowedCall(apiCalls, asked)) throw refused('the path is not listed in `apiCalls`')
    const { method, path, data } = asked
    return client.send({ method, path, ...(data === undefined ? {} : { body: data }) }, signal)
  }
  const entries = createGlobalEntries({ client, cacheOf, call })

  return {
    read: async (kind, namespace, name, signal) => {
      if (kind === 'Secret' && !isAllowedSecret(secrets, namespace ?? '', name)) return undefined
      if (kind === 'Namespace') {
        const namespaces = cacheOf(WATCHED.Namespace)
        await namespaces.ready(signal)
        const known = namespaces.get(undefined, name)
        if (known !== undefined) return known
      }
      // The watch may not have reported a new namespace yet.
      return client.read(pathOf(kind, namespace, name), signal)
    },
    list: async (kind, signal) => {
      const bindings = cacheOf(WATCHED[kind])
      await bindings.ready(signal)
      return bindings.values()
    },
    call,
    globalEntry: entries.read,
    readiness: () => {
      const waiting = [...caches].filter(([, cache]) => !cache.isFilled()).map(([path]) => path)
      const problems = [...caches].flatMap(([path, { problem }]) => {
        const found = problem()
        return found === undefined ? [] : [`${path}: ${found}`]
      })
      const message = problems[0] ?? (waiting[0] === undefined ? undefined : `${waiting[0]}: not listed yet`)
      return { ready: waiting.length === 0, ...(message === undefined ? {} : { message }) }
    },
    close: () => {
      for (const cache of caches.values()) cache.close()
    },
  }
}

function pathOf(kind: ReadableKind, namespace: string | undefined, name: string): string {
  const escaped = encodeURIComponent(name)
  const inNamespace = `/api/v1/namespaces/${encodeURIComponent(namespace ?? 'default')}`
  switch (kind) {
    case 'Namespace':
      return `/api/v1/namespaces/${escaped}`
    case 'ConfigMap':
      return `${inNamespace}/configmaps/${escaped}`
    case 'Secret':
      return `${inNamespace}/secrets/${escaped}`
  }
}

function refused(message: string): KubernetesError {
  return new KubernetesError('KUBERNETES_CALL_REFUSED', message)
}
