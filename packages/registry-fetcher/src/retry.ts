import type { RegistryLimits } from './limits.ts'
import { RegistryError } from './registry-error.ts'
import { TransportFault } from './transport.ts'

/** Statuses that a retry may change. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504])
/** Faults that a retry may change: a broken connection, a busy resolver. A timeout is not retried. */
const TRANSIENT_FAULTS: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'EAI_AGAIN', 'CLOSED_WITHOUT_ANSWER'])

export function isTransientStatus(status: number): boolean {
  return TRANSIENT_STATUSES.has(status)
}

export function isTransientFault(error: unknown): boolean {
  return (
    error instanceof RegistryError &&
    error.cause instanceof TransportFault &&
    TRANSIENT_FAULTS.has(error.cause.systemCode)
  )
}

/**
 * Returns how long to wait before the next attempt, or undefined when the registry asks for a longer wait than the
 * limit.
 *
 * A date in `Retry-After` is compared with the `Date` of the same answer, so our clock does not matter.
 */
export function retryDelay(
  tried: number,
  header: ((name: string) => string | undefined) | undefined,
  limits: RegistryLimits,
): number | undefined {
  const ours = Math.min(limits.retryDelayMs * 2 ** (tried - 1), limits.retryAfterMs)
  const stated = statedDelay(header?.('retry-after'), header?.('date'))
  if (stated === undefined) return ours
  return stated > limits.retryAfterMs ? undefined : Math.max(stated, ours)
}

/** Returns the wait that an answer asks for, in milliseconds. */
export function statedDelay(retryAfter: string | undefined, date: string | undefined): number | undefined {
  const text = retryAfter?.trim() ?? ''
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const distance = Date.parse(text) - Date.parse(date ?? '')
  return /[A-Za-z]/.test(text) && Number.isFinite(distance) && distance >= 0 ? distance : undefined
}
