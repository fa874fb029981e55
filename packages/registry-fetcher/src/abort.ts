import { untilAborted as untilSignal } from '@verify-images/primitives'
import { RegistryError } from './registry-error.ts'

/** Returns the error for an aborted signal: a `TimeoutError` is our deadline, anything else is the caller's abort. */
export function abortError(signal: AbortSignal): RegistryError {
  const reason: unknown = signal.reason
  if (reason instanceof RegistryError) return reason
  return reason instanceof DOMException && reason.name === 'TimeoutError' ? deadlineError() : callerAbortError()
}

export function deadlineError(): RegistryError {
  return new RegistryError('REGISTRY_TIMEOUT', 'the deadline passed before the registry had answered', {
    detail: { kind: 'registry-aborted', by: 'deadline' },
  })
}

function callerAbortError(): RegistryError {
  return new RegistryError('REGISTRY_ABORTED', 'the caller aborted before the registry had answered', {
    detail: { kind: 'registry-aborted', by: 'caller' },
  })
}

/** @throws RegistryError `REGISTRY_TIMEOUT` or `REGISTRY_ABORTED` */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal)
}

/** Returns the result of a promise, or rejects with the error of the signal as soon as that is aborted. */
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

/** Waits for a time. @throws RegistryError as soon as the signal is aborted */
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
