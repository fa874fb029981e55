import { search } from '@verify-images/condition-engine'
import type { ApiCall } from '@verify-images/core'
import {
  isJsonArray,
  isJsonObject,
  untilAborted,
  withLinkedSignal,
  type Json,
  type JsonObject,
} from '@verify-images/primitives'
import type { ClusterClient } from './cluster-client.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { ENTRY_REFRESH_MS, MIN_ENTRY_REFRESH_MS, SERVICE_CALL_MS } from './limits.ts'
import type { ObjectCache } from './object-cache.ts'

export interface GlobalEntryAccess {
  readonly client: ClusterClient
  readonly cacheOf: (path: string) => ObjectCache
  /** Makes a call if the allow list has it. */
  readonly call: (call: ApiCall, signal: AbortSignal) => Promise<Json>
}

export interface GlobalEntries {
  /** Returns the data of an entry, or of a projection of it: `entry.projection`. */
  readonly read: (name: string, signal: AbortSignal) => Promise<Json | undefined>
}

/** API versions, newest first. Which of them a cluster has depends on its Kyverno. */
const VERSIONS = ['v2beta1', 'v2alpha1'] as const

interface Answer {
  readonly call: string
  readonly until: number
  readonly data: Promise<Json>
}

/**
 * Reads GlobalContextEntries as Kyverno does: the objects of a kind, kept up to date by a watch, or the answer of a
 * call, which is asked for again after its refresh interval.
 *
 * @see Kyverno, pkg/globalcontext
 */
export function createGlobalEntries({ client, cacheOf, call }: GlobalEntryAccess): GlobalEntries {
  const answers = new Map<string, Answer>()

  async function entryOf(name: string, signal: AbortSignal): Promise<JsonObject | undefined> {
    for (const version of VERSIONS) {
      const path = `/apis/kyverno.io/${version}/globalcontextentries/${encodeURIComponent(name)}`
      const found = await client.read(path, signal)
      if (found !== undefined) return isJsonObject(found['spec']) ? found['spec'] : {}
    }
    return undefined
  }

  async function dataOf(name: string, spec: JsonObject, signal: AbortSignal): Promise<Json> {
    const { kubernetesResource, apiCall } = spec
    if (isJsonObject(kubernetesResource)) {
      const objects = cacheOf(pathOf(kubernetesResource))
      await objects.ready(signal)
      return objects.values()
    }
    if (isJsonObject(apiCall)) return untilAborted(signal, () => answerOf(name, apiCall))
    throw invalid(name, 'expected `kubernetesResource` or `apiCall`')
  }

  /** One answer serves all reviews until its refresh interval has passed. A failure is not kept. */
  function answerOf(name: string, apiCall: JsonObject): Promise<Json> {
    const text = JSON.stringify(apiCall)
    const known = answers.get(name)
    if (known?.call === text && known.until > performance.now()) return known.data
    const data = withLinkedSignal([], SERVICE_CALL_MS, (limited) => call(callOf(name, apiCall), limited))
    const answer = { call: text, until: performance.now() + refreshMs(apiCall['refreshInterval']), data }
    answers.set(name, answer)
    data.catch(() => answers.get(name) === answer && answers.delete(name))
    return data
  }

  return {
    read: async (name, signal) => {
      const [entry = '', projection] = name.split('.')
      const spec = await entryOf(entry, signal)
      if (spec === undefined) return undefined
      const data = await dataOf(entry, spec, signal)
      return projection === undefined ? data : search(projectionOf(entry, spec, projection), data)
    },
  }
}

function projectionOf(entry: string, { projections }: JsonObject, name: string): string {
  const found = isJsonArray(projections)
    ? projections.filter(isJsonObject).find((each) => each['name'] === name)
    : undefined
  if (typeof found?.['jmesPath'] !== 'string') throw invalid(entry, `no projection \`${name}\``)
  return found['jmesPath']
}

function pathOf({ group = '', version, resource, namespace = '' }: JsonObject): string {
  const parts = [
    group === '' ? ['api'] : ['apis', group],
    version,
    namespace === '' ? [] : ['namespaces', namespace],
    resource,
  ]
  return `/${parts
    .flat()
    .map((part) => encodeURIComponent(String(part)))
    .join('/')}`
}

function callOf(entry: string, { urlPath, method, data, service }: JsonObject): ApiCall {
  const verb = method === 'POST' ? 'POST' : 'GET'
  const body = isJsonArray(data)
    ? { data: Object.fromEntries(data.filter(isJsonObject).map(({ key, value }) => [String(key), value ?? null])) }
    : {}
  if (typeof urlPath === 'string' && urlPath !== '')
    return { target: 'kubernetes', method: verb, path: urlPath, ...body }
  if (!isJsonObject(service) || typeof service['url'] !== 'string')
    throw invalid(entry, 'expected `apiCall.urlPath` or `apiCall.service.url`')
  const { url, headers, caBundle } = service
  const pairs = isJsonArray(headers) ? headers.filter(isJsonObject) : []
  return {
    target: 'service',
    method: verb,
    url,
    headers: Object.fromEntries(pairs.map(({ key, value }) => [String(key), String(value)])),
    ...(typeof caBundle === 'string' ? { caBundle } : {}),
    ...body,
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Returns the milliseconds of a duration as Go writes it: `1m30s`. */
function refreshMs(interval: Json | undefined): number {
  if (typeof interval !== 'string' || !/^(?:\d{1,9}(?:ms|[hms]))+$/.test(interval)) return ENTRY_REFRESH_MS
  const parts = [...interval.matchAll(/(\d{1,9})(ms|[hms])/g)]
  const total = parts.reduce((sum, [, count, unit = 'ms']) => sum + Number(count) * (UNIT_MS[unit] ?? 1), 0)
  return Math.max(total, MIN_ENTRY_REFRESH_MS)
}

function invalid(entry: string, problem: string): KubernetesError {
  return new KubernetesError('KUBERNETES_ANSWER_INVALID', `GlobalContextEntry ${entry}: ${problem}`)
}
