import { untilAborted as untilSignal } from '@verify-images/primitives'
import { RegistryError } from './registry-error.ts'

/** The error of a signal: a deadline is a timeout, anything else is the caller's will. */
export function abortError(signal: AbortSignal): RegistryError {
  const reason: unknown = signal.reason
  if (reason instanceof RegistryError) return reason
  if (reason instanceof DOMException && reason.name === 'TimeoutError') {
    return new RegistryError('REGISTRY_TIMEOUT', 'the deadline passed before the registry had answered', {
      detail: { kind: 'registry-aborted', by: 'deadline' },
    })
  }
  return new RegistryError('REGISTRY_ABORTED', 'the caller gave up before the registry had answered', {
    detail: { kind: 'registry-aborted', by: 'caller' },
  })
}

/** @throws RegistryError `REGISTRY_TIMEOUT` or `REGISTRY_ABORTED` */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal)
}

/** The promise's result, or the signal's error as soon as it is aborted. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => undefined)
  throwIfAborted(signal)
  let settled = false
  const settle = (): void => {
    settled = true
  }
  promise.then(settle, settle)
  try {
    return await untilSignal(signal, () => promise)
  } catch (error) {
    if (!settled && signal.aborted) throw abortError(signal)
    throw error
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
