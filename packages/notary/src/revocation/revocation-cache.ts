import { aPositiveInteger } from '@verify-images/primitives'
import { setTimeout as delay } from 'node:timers/promises'
import { CACHE_TIMEOUT_MS, MAX_CACHE_BYTES, MAX_CACHE_ENTRIES } from '../limits.ts'
import { checkOptions } from '../notary-error.ts'

/**
 * Keeps OCSP responses and CRLs as received. They are verified again on every use, so a cache that fails, forgets or
 * lies only costs a request.
 */
export interface RevocationCache {
  get(key: string): Promise<Uint8Array | undefined>
  set(key: string, answer: Uint8Array): Promise<void>
}

/**
 * Creates a cache in memory that drops the least recently used entries.
 *
 * @throws NotaryError NOTARY_OPTIONS_INVALID
 */
export function createMemoryRevocationCache(options: { readonly maxBytes?: number } = {}): RevocationCache {
  checkOptions(options, { maxBytes: aPositiveInteger })
  const maxBytes = options.maxBytes ?? MAX_CACHE_BYTES
  const answers = new Map<string, Uint8Array>()
  let bytes = 0
  const remove = (key: string): void => {
    bytes -= answers.get(key)?.length ?? 0
    answers.delete(key)
  }
  return {
    async get(key): Promise<Uint8Array | undefined> {
      const answer = answers.get(key)
      if (answer) {
        // A map keeps insertion order, so a used entry moves to the end.
        answers.delete(key)
        answers.set(key, answer)
      }
      return answer
    },
    async set(key, answer): Promise<void> {
      remove(key)
      if (answer.length > maxBytes) return
      answers.set(key, answer)
      bytes += answer.length
      for (const oldest of answers.keys()) {
        if (bytes <= maxBytes && answers.size <= MAX_CACHE_ENTRIES) break
        remove(oldest)
      }
    },
  }
}

/** Returns the entry of a cache; `undefined` if it fails or takes too long. */
export async function readCache(cache: RevocationCache, key: string): Promise<Uint8Array | undefined> {
  const timer = new AbortController()
  try {
    const answer: unknown = await Promise.race([
      cache.get(key),
      delay(CACHE_TIMEOUT_MS, undefined, { signal: timer.signal }),
    ])
    return answer instanceof Uint8Array ? answer : undefined
  } catch {
    return undefined
  } finally {
    timer.abort()
  }
}

/** Stores an entry without waiting for the cache. */
export function writeCache(cache: RevocationCache, key: string, answer: Uint8Array): void {
  const stored = (async (): Promise<void> => cache.set(key, answer))()
  stored.catch(() => undefined)
}
