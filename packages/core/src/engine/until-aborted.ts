/**
 * Returns the result of the work, or rejects as soon as the signal is aborted.
 *
 * Adapters get the signal and may ignore it; an evaluation must end at its deadline all the same. A later result is dropped.
 */
export async function untilAborted<T>(signal: AbortSignal, work: () => T | PromiseLike<T>): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    // Work that throws instead of rejecting must not escape.
    return await Promise.race([Promise.resolve().then(work), aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
