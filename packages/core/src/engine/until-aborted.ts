/**
 * What the work comes to, or the reason of the signal as soon as that is aborted.
 *
 * Adapters are handed the signal and may not heed it; an evaluation must end at its deadline all the same. What the work
 * comes to afterwards is dropped.
 */
export async function untilAborted<T>(signal: AbortSignal, work: () => T | PromiseLike<T>): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    // Also what throws instead of rejecting must not get out.
    return await Promise.race([Promise.resolve().then(work), aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
