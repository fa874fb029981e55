import { throwIfAborted, untilAborted } from './abort.ts'

interface Shared {
  readonly result: Promise<unknown>
  readonly controller: AbortController
  waiting: number
  settled: boolean
}

/** Runs each piece of work once per key; who asks again, or meanwhile, shares its result, also a failure. */
export interface Memo {
  share<T>(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/**
 * A memo of the session's requests.
 *
 * The work runs under a signal of its own: one caller who gives up must not spoil it for the others. Only when all
 * have given up is it stopped and forgotten.
 */
export function createMemo(): Memo {
  const entries = new Map<string, Shared>()

  function start<T>(key: string, work: (signal: AbortSignal) => Promise<T>): Shared {
    const controller = new AbortController()
    const entry: Shared = { result: work(controller.signal), controller, waiting: 0, settled: false }
    const settle = (): void => {
      entry.settled = true
    }
    entry.result.then(settle, settle)
    entries.set(key, entry)
    return entry
  }

  return {
    async share<T>(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
      throwIfAborted(signal)
      const entry = entries.get(key) ?? start(key, work)
      // What is there needs nobody's patience.
      if (entry.settled) return (await entry.result) as T
      entry.waiting++
      try {
        // The key names the kind of work, and with it the type of its result.
        return (await untilAborted(entry.result, signal)) as T
      } finally {
        entry.waiting--
        if (entry.waiting === 0 && !entry.settled) {
          entries.delete(key)
          entry.controller.abort()
        }
      }
    },
  }
}
