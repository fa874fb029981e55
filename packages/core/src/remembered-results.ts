import type { RememberedResults } from '@verify-images/primitives'
import { LRUCache } from 'lru-cache'
import { LIMITS } from './limits.ts'

/** Results of verifications that outlive evaluations, within a size. */
export interface ResultStore extends RememberedResults {
  readonly bytes: number
  clear(): void
}

/** Creates an empty store; the least recently used results are dropped first. */
export function createResultStore(maxBytes: number): ResultStore {
  const results = new LRUCache<string, { readonly value: unknown }>({ maxSize: maxBytes })
  return {
    get bytes() {
      return results.calculatedSize
    },
    clear: () => results.clear(),
    get: (key) => results.get(key),
    set: (key, result, bytes) => {
      results.set(key, result, { size: LIMITS.resultBytes + key.length + bytes })
    },
  }
}
