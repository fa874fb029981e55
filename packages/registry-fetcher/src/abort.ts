import { RegistryError } from './registry-error.ts'

/** The error of a signal: a deadline is a timeout, anything else is the caller's will. */
export function abortError(signal: AbortSignal): RegistryError {
  const reason: unknown = signal.reason
  if (reason instanceof RegistryError) return reason
  if (reason instanceof DOMException && reason.name === 'TimeoutError') {
    return new RegistryError('REGISTRY_TIMEOUT', 'the deadline passed before the registry had answered', {
      upstreamText: 'context deadline exceeded',
    })
  }
  return new RegistryError('REGISTRY_ABORTED', 'the caller gave up before the registry had answered', {
    upstreamText: 'context canceled',
  })
}

/** @throws RegistryError `REGISTRY_TIMEOUT` or `REGISTRY_ABORTED` */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal)
}

/** The promise's result, or the signal's error as soon as it is aborted. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  throwIfAborted(signal)
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(abortError(signal))
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    if (stop) signal.removeEventListener('abort', stop)
    promise.catch(() => undefined)
  }
}

/** Waits, but not longer than the signal lets it. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  try {
    await untilAborted(
      new Promise<void>((done) => {
        timer = setTimeout(done, ms)
      }),
      signal,
    )
  } finally {
    clearTimeout(timer)
  }
}
