import { setTimeout as delay } from 'node:timers/promises'
import {
  isJsonArray,
  isJsonObject,
  linkSignals,
  untilAborted,
  withLinkedSignal,
  type JsonObject,
} from '@verify-images/primitives'
import type { ClusterClient, WatchEvent } from './cluster-client.ts'
import { KubernetesError, messageOf } from './kubernetes-error.ts'
import {
  LIST_PAGE_ITEMS,
  MAX_CACHED_OBJECTS,
  RESYNC_MS,
  RETRY_MAX_MS,
  RETRY_MIN_MS,
  SHORT_WATCH_MS,
  STALE_MS,
  WATCH_IDLE_MS,
  WATCH_SECONDS,
} from './limits.ts'

export interface CacheTimes {
  readonly resyncMs: number
  readonly idleMs: number
  readonly staleMs: number
  readonly retryMaxMs: number
}

export interface CacheOptions {
  /** Of the list, without a query: `/api/v1/namespaces`. */
  readonly path: string
  /** Called after each list and each event that changed something. */
  readonly onChange?: () => void
  /** Called with each failure to reach the API server, and with undefined once it is reached again. */
  readonly onProblem?: (problem: string | undefined) => void
  readonly times?: Partial<CacheTimes>
}

/** All objects of one kind, kept up to date by list and watch. */
export interface ObjectCache {
  /**
   * Resolves once the objects are known.
   *
   * @throws KubernetesError KUBERNETES_STALE if they cannot be listed, or are older than a few minutes
   */
  readonly ready: (signal: AbortSignal) => Promise<void>
  readonly get: (namespace: string | undefined, name: string) => JsonObject | undefined
  readonly values: () => readonly JsonObject[]
  /** Whether the objects have been listed at least once. */
  readonly isFilled: () => boolean
  /** Why the API server cannot be reached; undefined while all is well. */
  readonly problem: () => string | undefined
  readonly close: () => void
}

/**
 * Lists the objects of a kind, then watches them from the version of the list.
 *
 * A watch that ends or is cut is continued from the last version that an event or a bookmark named. If the API server no
 * longer knows that version (410), and now and then in any case, everything is listed again.
 *
 * @see Kubernetes API concepts, "Efficient detection of changes"
 */
export function createObjectCache(client: ClusterClient, options: CacheOptions): ObjectCache {
  const { path, onChange = () => undefined, onProblem = () => undefined, times = {} } = options
  const { resyncMs, idleMs, staleMs, retryMaxMs } = { ...TIMES, ...times }
  const closed = new AbortController()
  /** Resolves after the first attempt to list, whatever came of it. */
  const attempted = Promise.withResolvers<void>()
  let objects = new Map<string, JsonObject>()
  let isFilled = false
  let problem: string | undefined
  /** The version to watch from; undefined if everything must be listed again. */
  let version: string | undefined
  let heardAt = 0
  let listedAt = 0

  async function list(): Promise<string> {
    const listed = await withLinkedSignal([closed.signal], idleMs, (signal) => listAll(client, path, signal))
    objects = listed.found
    isFilled = true
    listedAt = performance.now()
    heard()
    attempted.resolve()
    onChange()
    return listed.version
  }

  async function watch(from: string): Promise<void> {
    const idle = linkSignals([closed.signal], idleMs)
    const query = `?watch=1&allowWatchBookmarks=true&timeoutSeconds=${String(WATCH_SECONDS)}&resourceVersion=${from}`
    try {
      for await (const event of client.watch(`${path}${query}`, idle.signal, heard)) {
        idle.restart()
        heard()
        version = take(event)
        if (performance.now() - listedAt > resyncMs) break
      }
      heard()
    } catch (error) {
      // Silence is no error of the API server: the connection may be gone, and the next one tells.
      if (closed.signal.aborted || !idle.signal.aborted) throw error
    } finally {
      idle.dispose()
    }
  }

  /** @returns the version that the event names */
  function take({ type, object }: WatchEvent): string {
    if (type === 'ERROR') {
      const details = typeof object['code'] === 'number' ? { status: object['code'] } : {}
      throw new KubernetesError('KUBERNETES_REQUEST_FAILED', String(object['message']), details)
    }
    const { metadata } = object
    const named = isJsonObject(metadata) ? metadata['resourceVersion'] : undefined
    if (typeof named !== 'string')
      throw new KubernetesError('KUBERNETES_ANSWER_INVALID', `${path}: an event without a version`)
    if (type === 'BOOKMARK') return named
    if (type === 'DELETED') objects.delete(keyOf(object))
    else objects.set(keyOf(object), object)
    if (objects.size > MAX_CACHED_OBJECTS) throw tooMany(path)
    onChange()
    return named
  }

  function failed(error: unknown): void {
    problem = messageOf(error)
    onProblem(problem)
    attempted.resolve()
  }

  function heard(): void {
    heardAt = performance.now()
    if (problem === undefined) return
    problem = undefined
    onProblem(undefined)
  }

  async function follow(): Promise<void> {
    let failures = 0
    while (!closed.signal.aborted) {
      const started = performance.now()
      try {
        version ??= await list()
        await watch(version)
        if (performance.now() - listedAt > resyncMs) version = undefined
      } catch (error) {
        if (closed.signal.aborted) return
        if (needsList(error)) version = undefined
        if (!isExpired(error)) failed(error)
      }
      failures = performance.now() - started > SHORT_WATCH_MS ? 0 : failures + 1
      await delay(waitMs(failures, retryMaxMs), undefined, { signal: closed.signal }).catch(() => undefined)
    }
  }

  void follow()
  return {
    ready: async (signal) => {
      await untilAborted(signal, () => attempted.promise)
      // Nobody should wait for a list that the webhook may not read.
      if (!isFilled || performance.now() - heardAt > staleMs)
        throw new KubernetesError('KUBERNETES_STALE', `${path}: ${problem ?? 'the API server is silent'}`)
    },
    get: (namespace, name) => objects.get(JSON.stringify([namespace ?? '', name])),
    values: () => [...objects.values()],
    isFilled: () => isFilled,
    problem: () => problem,
    close: () => closed.abort(),
  }
}

const TIMES: CacheTimes = { resyncMs: RESYNC_MS, idleMs: WATCH_IDLE_MS, staleMs: STALE_MS, retryMaxMs: RETRY_MAX_MS }

interface Listed {
  readonly found: Map<string, JsonObject>
  readonly version: string
}

async function listAll(client: ClusterClient, path: string, signal: AbortSignal): Promise<Listed> {
  const found = new Map<string, JsonObject>()
  let next = ''
  for (;;) {
    const query = `?limit=${String(LIST_PAGE_ITEMS)}${next && `&continue=${encodeURIComponent(next)}`}`
    const page = await client.send({ method: 'GET', path: `${path}${query}` }, signal)
    const { items, metadata } = isJsonObject(page) ? page : {}
    if (!isJsonArray(items) || !isJsonObject(metadata) || typeof metadata['resourceVersion'] !== 'string')
      throw new KubernetesError('KUBERNETES_ANSWER_INVALID', `${path}: expected a list`)
    for (const item of items) if (isJsonObject(item)) found.set(keyOf(item), item)
    if (found.size > MAX_CACHED_OBJECTS) throw tooMany(path)
    next = typeof metadata['continue'] === 'string' ? metadata['continue'] : ''
    if (next === '') return { found, version: metadata['resourceVersion'] }
  }
}

/** The version is no longer known, or an event could not be read and would come again. */
function needsList(error: unknown): boolean {
  return isExpired(error) || (error instanceof KubernetesError && error.code === 'KUBERNETES_ANSWER_INVALID')
}

function isExpired(error: unknown): boolean {
  return error instanceof KubernetesError && error.status === 410
}

function tooMany(path: string): KubernetesError {
  return new KubernetesError('KUBERNETES_ANSWER_INVALID', `${path}: more than ${String(MAX_CACHED_OBJECTS)} objects`)
}

/** Doubles with each failure. The replicas of a webhook must not all come back at the same moment. */
function waitMs(failures: number, maxMs: number): number {
  const longest = Math.min(RETRY_MIN_MS * 2 ** Math.min(failures, 20), maxMs)
  return failures === 0 ? 0 : longest * (0.5 + Math.random() / 2)
}

function keyOf({ metadata }: JsonObject): string {
  const { namespace = '', name = '' } = isJsonObject(metadata) ? metadata : {}
  return JSON.stringify([namespace, name])
}
