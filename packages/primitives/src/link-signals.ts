/** A signal that follows others, until it is disposed. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  abort(reason: unknown): void
  /** Starts the timeout anew. */
  restart(): void
  /** Removes the listeners and the timer. Call it when the work is done, whatever its result. */
  dispose(): void
}

/**
 * Returns a signal that is aborted when one of its parents is, with the same reason, or with a `TimeoutError` after
 * `timeoutMs`.
 *
 * `AbortSignal.any` over a signal of `AbortSignal.timeout` is never collected on Node 24, so a long-lived process would
 * grow with each request.
 */
export function linkSignals(parents: readonly AbortSignal[], timeoutMs?: number): LinkedSignal {
  const controller = new AbortController()
  const { signal } = controller
  const listeners = parents.map((parent): readonly [AbortSignal, () => void] => [
    parent,
    () => controller.abort(parent.reason),
  ])
  const dispose = (): void => {
    clearTimeout(timer)
    for (const [parent, listener] of listeners) parent.removeEventListener('abort', listener)
  }
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
        }, timeoutMs)
  for (const [parent, listener] of listeners) {
    if (parent.aborted) listener()
    else parent.addEventListener('abort', listener, { once: true })
  }
  if (signal.aborted) dispose()
  else signal.addEventListener('abort', dispose, { once: true })
  return {
    signal,
    abort: (reason) => controller.abort(reason),
    restart: () => {
      if (!signal.aborted) timer?.refresh()
    },
    dispose,
  }
}

/** Runs `work` under a linked signal, and disposes the signal when the work is done. */
export async function withLinkedSignal<T>(
  parents: readonly AbortSignal[],
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const linked = linkSignals(parents, timeoutMs)
  try {
    return await work(linked.signal)
  } finally {
    linked.dispose()
  }
}
