import { LRUCache } from 'lru-cache'
import { throwIfAborted } from '../abort.ts'
import { CACHED_ITEM_BYTES } from '../limits.ts'
import { RegistryError } from '../registry-error.ts'
import { createSharedWork } from '../shared-work.ts'
import { isBefore, isRecent, type Moment } from './moment.ts'

export type Fetch<T> = (signal: AbortSignal) => Promise<T>

/** One kind of answers that are kept across sessions. */
export interface KeptReads<T> {
  readonly bytes: number
  clear(): void
  /**
   * Returns an answer that was requested at most `ageMs` ago, else the result of `fetch`, which callers of one key
   * share. With an age of 0 nothing is shared.
   */
  read(key: string, ageMs: number, signal: AbortSignal, fetch: Fetch<T>): Promise<T>
}

export interface KeptReadsOptions<T> {
  readonly maxBytes: number
  readonly maxItemBytes: number
  /** How long a failure is kept. */
  readonly maxFailureAgeMs: number
  readonly now: () => Moment
  /** The bytes of a value, without those of its entry. */
  readonly sizeOf: (value: T) => number
}

interface Read<T> {
  readonly value: T
  /** Before the request was sent. */
  readonly at: Moment
}

interface Failure {
  readonly error: RegistryError
  readonly at: Moment
}

/**
 * Keeps answers, least recently used ones are dropped first.
 *
 * A failure that concerns one caller only, such as its deadline, is neither kept nor passed to the others.
 */
export function createKeptReads<T>({
  maxBytes,
  maxItemBytes,
  maxFailureAgeMs,
  now,
  sizeOf,
}: KeptReadsOptions<T>): KeptReads<T> {
  const kept = new LRUCache<string, Read<T> | Failure>({
    maxSize: maxBytes,
    maxEntrySize: maxItemBytes,
    sizeCalculation: (item, key) => CACHED_ITEM_BYTES + key.length + ('error' in item ? 0 : sizeOf(item.value)),
  })
  const running = createSharedWork<Read<T>>({ signal: undefined, deadline: Infinity }, 'nothing')

  async function fetchAndKeep(key: string, signal: AbortSignal, fetch: Fetch<T>): Promise<Read<T>> {
    const at = now()
    try {
      const found = { value: await fetch(signal), at }
      // A slow answer does not replace that of a later request.
      if (!isBefore(at, kept.peek(key)?.at)) kept.set(key, found)
      return found
    } catch (error) {
      if (maxFailureAgeMs > 0 && error instanceof RegistryError && !concernsOneCaller(error))
        kept.set(key, { error, at: now() })
      throw error
    }
  }

  /** Returns an answer that is kept and young enough. @throws RegistryError of a request that just failed */
  function find(key: string, ageMs: number, asked: Moment): Read<T> | undefined {
    const item = kept.get(key)
    if (item === undefined || !isRecent(item.at, asked, 'error' in item ? maxFailureAgeMs : ageMs)) return undefined
    if ('error' in item) throw item.error
    return item
  }

  return {
    get bytes() {
      return kept.calculatedSize
    },
    clear: () => kept.clear(),
    async read(key, ageMs, signal, fetch): Promise<T> {
      throwIfAborted(signal)
      if (ageMs <= 0) return fetch(signal)
      const asked = now()
      const found = find(key, ageMs, asked)
      if (found !== undefined) return found.value
      for (;;) {
        let isOwn = false
        try {
          const shared = await running.run(key, signal, (ownSignal) => {
            isOwn = true
            return fetchAndKeep(key, ownSignal, fetch)
          })
          // Another caller may have sent its request long before this one asked; one that was sent later is new enough.
          if (isOwn || isBefore(asked, shared.at) || isRecent(shared.at, asked, ageMs)) return shared.value
        } catch (error) {
          if (isOwn || !concernsOneCaller(error)) throw error
          throwIfAborted(signal)
        }
      }
    },
  }
}

/** The deadline, the abort and the budget of a session, and a request that took longer than its deadline allows. */
const OF_ONE_CALLER: ReadonlySet<string> = new Set(['REGISTRY_TIMEOUT', 'REGISTRY_ABORTED', 'REGISTRY_LIMIT_EXCEEDED'])

function concernsOneCaller(error: unknown): boolean {
  return error instanceof RegistryError && OF_ONE_CALLER.has(error.code)
}
