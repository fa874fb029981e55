import { linkSignals, type LinkedSignal } from '@verify-images/primitives'
import { deadlineError, throwIfAborted, untilAborted } from './abort.ts'

/** When a session ends, whatever signal a caller passes. */
export interface SessionEnd {
  readonly signal: AbortSignal | undefined
  /** On the clock of `performance.now()`; `Infinity` for work that outlives sessions. */
  readonly deadline: number
}

/** Runs work once per key. Callers with the same key, at the same time or later, share its result or its error. */
export interface SharedWork<T> {
  run(key: string, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/** How much of what was fetched stays in memory: it is fetched again when it is asked for later. */
export interface KeptResults<T> {
  /** Of all results together. The latest stays with any size. */
  readonly maxBytes: number
  readonly bytesOf: (result: T) => number
}

interface Entry<T> {
  readonly result: Promise<T>
  readonly controller: AbortController
  waiting: number
  settled: boolean
}

/**
 * Returns the shared work of one kind in one session.
 *
 * Work has a signal of its own, so that a caller who aborts does not abort it for the others. When all callers have
 * aborted, the work is aborted and forgotten. A caller without a signal waits until the session ends.
 *
 * @param keeps whether later callers share results, or only callers at the same time
 */
export function createSharedWork<T>(
  end: SessionEnd,
  keeps: 'results' | 'nothing' | KeptResults<T> = 'results',
): SharedWork<T> {
  const entries = new Map<string, Entry<T>>()
  const sizes = new Map<string, number>()
  let bytes = 0

  /** Drops the oldest results until the others fit. */
  function keepWithin({ maxBytes, bytesOf }: KeptResults<T>, key: string, result: T): void {
    const size = bytesOf(result)
    sizes.set(key, size)
    bytes += size
    for (const [oldest, length] of sizes) {
      if (bytes <= maxBytes || oldest === key) return
      entries.delete(oldest)
      sizes.delete(oldest)
      bytes -= length
    }
  }

  function start(key: string, work: (signal: AbortSignal) => Promise<T>): Entry<T> {
    const controller = new AbortController()
    const entry: Entry<T> = { result: work(controller.signal), controller, waiting: 0, settled: false }
    const settle = (): void => {
      entry.settled = true
      if (keeps === 'nothing' && entries.get(key) === entry) entries.delete(key)
    }
    entry.result.then((result) => {
      settle()
      if (typeof keeps === 'object') keepWithin(keeps, key, result)
    }, settle)
    entries.set(key, entry)
    return entry
  }

  return {
    async run(key, signal, work): Promise<T> {
      throwIfEnded(end, signal)
      const entry = entries.get(key) ?? start(key, work)
      // Already settled: return without a timer.
      if (entry.settled) return entry.result
      const waiting = waitingSignal(end, signal)
      entry.waiting++
      try {
        return await untilAborted(entry.result, waiting.signal)
      } finally {
        waiting.dispose()
        entry.waiting--
        if (entry.waiting === 0 && !entry.settled) {
          entries.delete(key)
          entry.controller.abort(waiting.signal.reason)
        }
      }
    },
  }
}

function throwIfEnded(end: SessionEnd, signal: AbortSignal | undefined): void {
  for (const each of [signal, end.signal]) if (each !== undefined) throwIfAborted(each)
  if (performance.now() >= end.deadline) throw deadlineError()
}

function waitingSignal(end: SessionEnd, signal: AbortSignal | undefined): LinkedSignal {
  const parents = [signal, end.signal].filter((parent) => parent !== undefined)
  if (end.deadline === Infinity) return linkSignals(parents)
  return linkSignals(parents, Math.max(1, Math.ceil(end.deadline - performance.now())))
}
