import { setTimeout as delay } from 'node:timers/promises'
import {
  isJsonObject,
  linkSignals,
  messageOf,
  untilAborted,
  withLinkedSignal,
  type JsonObject,
} from '@verify-images/primitives'
import type { ClusterClient, WatchEvent } from './cluster-client.ts'
import { KubernetesError } from './kubernetes-error.ts'
import {
  RESYNC_MS,
  RETRY_MAX_MS,
  RETRY_MIN_MS,
  SHORT_WATCH_MS,
  STALE_MS,
  WATCH_IDLE_MS,
  WATCH_SECONDS,
} from './limits.ts'
import { checkCount, keyOf, listObjects } from './list-objects.ts'

export interface CacheTimes {
  readonly resyncMs: number
  readonly idleMs: number
  readonly staleMs: number
  readonly retryMaxMs: number
}

export interface CacheOptions {
  /** The path of the list, without a query: `/api/v1/namespaces`. */
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
  /** Why the API server cannot be reached; undefined while it can. */
  readonly problem: () => string | undefined
  readonly close: () => void
}

/**
 * Lists the objects of a kind, then watches them from the version of the list.
 *
 * A watch that ends or is cut is continued from the last version that an event or a bookmark named. If the API server
 * no longer knows that version (410), and now and then in any case, everything is listed again.
 *
 * @see Kubernetes API concepts, "Efficient detection of changes"
 */
export function createObjectCache(client: ClusterClient, options: CacheOptions): ObjectCache {
  const { path, onChange = () => undefined, onProblem = () => undefined, times = {} } = options
  const { resyncMs, idleMs, staleMs, retryMaxMs } = { ...TIMES, ...times }
  const closed = new AbortController()
  /** Resolves after the first attempt to list, successful or not. */
  const attempted = Promise.withResolvers<void>()
  let objects = new Map<string, JsonObject>()
  let isFilled = false
  let problem: string | undefined
  /** The version to watch from; undefined if everything must be listed again. */
  let version: string | undefined
  let reachedAt = 0
  let listedAt = 0

  async function list(): Promise<string> {
    const listed = await withLinkedSignal([closed.signal], idleMs, (signal) => listObjects(client, path, signal))
    objects = listed.objects
    isFilled = true
    listedAt = performance.now()
    markReached()
    attempted.resolve()
    onChange()
    return listed.version
  }

  async function watch(from: string): Promise<void> {
    const idle = linkSignals([closed.signal], idleMs)
    const query = `?watch=1&allowWatchBookmarks=true&timeoutSeconds=${String(WATCH_SECONDS)}&resourceVersion=${from}`
    try {
      for await (const event of client.watch(`${path}${query}`, idle.signal, markReached)) {
        idle.restart()
        markReached()
        version = apply(event)
        if (performance.now() - listedAt > resyncMs) break
      }
      markReached()
    } catch (error) {
      // A silent watch is opened again without reporting a problem: the connection may have been cut.
      if (closed.signal.aborted || !idle.signal.aborted) throw error
    } finally {
      idle.dispose()
    }
  }

  /** @returns the version that the event names */
  function apply({ type, object }: WatchEvent): string {
    if (type === 'ERROR') {
      const details = typeof object['code'] === 'number' ? { status: object['code'] } : {}
      throw new KubernetesError('KUBERNETES_REQUEST_FAILED', String(object['message']), details)
    }
    const { metadata } = object
    const named = isJsonObject(metadata) ? metadata['resourceVersion'] : undefined
    if (typeof named !== 'string')
      throw new KubernetesError('KUBERNETES_ANSWER_INVALID', 'expected an event with a version')
    if (type === 'BOOKMARK') return named
    if (type === 'DELETED') objects.delete(keyOf(object))
    else objects.set(keyOf(object), object)
    checkCount(objects.size)
    onChange()
    return named
  }

  function failed(error: unknown): void {
    problem = messageOf(error)
    onProblem(problem)
    attempted.resolve()
  }

  function markReached(): void {
    reachedAt = performance.now()
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
      // After a failed attempt fail at once: waiting does not help a webhook that may not list these objects.
      if (!isFilled || performance.now() - reachedAt > staleMs)
        throw new KubernetesError('KUBERNETES_STALE', `${path}: ${problem ?? 'the API server is silent'}`)
    },
    get: (namespace = '', name) => objects.get(keyOf({ metadata: { namespace, name } })),
    values: () => [...objects.values()],
    isFilled: () => isFilled,
    problem: () => problem,
    close: () => closed.abort(),
  }
}

const TIMES: CacheTimes = { resyncMs: RESYNC_MS, idleMs: WATCH_IDLE_MS, staleMs: STALE_MS, retryMaxMs: RETRY_MAX_MS }

/**
 * Returns whether to list again: the version is no longer known, or an event was unreadable and would be sent again.
 */
function needsList(error: unknown): boolean {
  return isExpired(error) || (error instanceof KubernetesError && error.code === 'KUBERNETES_ANSWER_INVALID')
}

function isExpired(error: unknown): boolean {
  return error instanceof KubernetesError && error.status === 410
}

/** Doubles with each failure, at random, so that the replicas of a webhook do not all come back at the same moment. */
function waitMs(failures: number, maxMs: number): number {
  const longest = Math.min(RETRY_MIN_MS * 2 ** Math.min(failures, 20), maxMs)
  return failures === 0 ? 0 : longest * (0.5 + Math.random() / 2)
}
