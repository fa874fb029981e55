/**
 * Returns the result of the work, or rejects with the reason of the signal as soon as that is aborted.
 *
 * Adapters get the signal and may ignore it; an evaluation must end at its deadline all the same. A later result is
 * dropped, and so is a later error.
 */
export async function untilAborted<T>(signal: AbortSignal, work: () => T | PromiseLike<T>): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    // Work that throws instead of rejecting must not escape the race.
    return await Promise.race([Promise.resolve().then(work), aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
