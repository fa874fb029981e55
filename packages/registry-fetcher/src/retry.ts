import type { RegistryLimits } from './limits.ts'
import { RegistryError } from './registry-error.ts'
import { TransportFault } from './transport.ts'

/** Answers that may be other ones a moment later. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504])
/** Faults that may be: a connection that broke, a resolver that was busy. One that cost its full time is not tried again. */
const PASSING_FAULTS: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'EAI_AGAIN', 'CLOSED_WITHOUT_ANSWER'])

export function isPassingStatus(status: number): boolean {
  return PASSING_STATUSES.has(status)
}

export function isPassingFault(error: unknown): boolean {
  return (
    error instanceof RegistryError &&
    error.cause instanceof TransportFault &&
    PASSING_FAULTS.has(error.cause.systemCode)
  )
}

/**
 * How long to wait before the next try, or undefined when the registry asks for more patience than there is.
 *
 * A date in `Retry-After` is held against the answer's own `Date`, so no clock of ours is read.
 */
export function retryDelay(
  tried: number,
  header: ((name: string) => string | undefined) | undefined,
  limits: RegistryLimits,
): number | undefined {
  const usual = Math.min(limits.retryDelayMs * 2 ** (tried - 1), limits.retryAfterMs)
  const asked = askedDelay(header?.('retry-after'), header?.('date'))
  if (asked === undefined) return usual
  return asked > limits.retryAfterMs ? undefined : Math.max(asked, usual)
}

function askedDelay(retryAfter: string | undefined, date: string | undefined): number | undefined {
  const text = retryAfter?.trim() ?? ''
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const distance = Date.parse(text) - Date.parse(date ?? '')
  return /[A-Za-z]/.test(text) && Number.isFinite(distance) && distance >= 0 ? distance : undefined
}
