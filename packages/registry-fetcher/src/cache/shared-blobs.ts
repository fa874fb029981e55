import { digestAlgorithm, digestHex, hashInSlices, untilAborted, withLinkedSignal } from '@verify-images/primitives'
import type { Descriptor } from '@verify-images/primitives'
import { MAX_SHARED_BLOB_BYTES, SHARED_CACHE_MS, SHARED_CACHE_PAUSE_MS } from '../limits.ts'
import type { Fetch } from './kept-reads.ts'

/**
 * Keeps blobs for several processes, such as Redis. It is not trusted: what it returns is used only if it has the
 * digest that was asked for, and if it is slow or fails, the registry is asked.
 */
export interface SharedContent {
  /** @param bytes the size that content has under this key; another one need not be returned */
  get(key: string, bytes: number): Promise<Uint8Array | undefined>
  set(key: string, content: Uint8Array): Promise<void>
}

/** Reads blobs through content that processes share. */
export interface SharedBlobs {
  /** @param access names everything that the answer of the registry depends on, the credential included */
  read(
    access: string,
    blob: Pick<Descriptor, 'digest' | 'size'>,
    signal: AbortSignal,
    fetch: Fetch<Uint8Array>,
  ): Promise<Uint8Array>
}

/**
 * After an answer that failed or came too late the shared content is left alone for some seconds, so that a dead server
 * does not cost every blob its timeout.
 */
export function createSharedBlobs(content: SharedContent, now: () => number = () => performance.now()): SharedBlobs {
  let pausedUntil = 0
  const attempt = async <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> => {
    if (now() < pausedUntil) return undefined
    try {
      return await withLinkedSignal([signal], SHARED_CACHE_MS, (timed) => untilAborted(timed, work))
    } catch {
      if (!signal.aborted) pausedUntil = now() + SHARED_CACHE_PAUSE_MS
      return undefined
    }
  }
  return {
    async read(access, { digest, size }, signal, fetch): Promise<Uint8Array> {
      if (size > MAX_SHARED_BLOB_BYTES) return fetch(signal)
      const key = `${access} ${digest}`
      const found: unknown = await attempt(() => content.get(key, size), signal)
      if (found instanceof Uint8Array && found.length === size) {
        const hash = await hashInSlices(digestAlgorithm(digest), found, signal)
        if (hash.toString('hex') === digestHex(digest)) return found
      }
      const fetched = await fetch(signal)
      // The caller does not wait for it.
      void attempt(() => content.set(key, fetched), new AbortController().signal)
      return fetched
    },
  }
}
