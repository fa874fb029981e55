import { AttestorError } from './attestor-error.ts'
import type { Outcome, Reason } from './outcome.ts'

/** Where in a policy, and for which image, something was checked. */
export interface Place {
  readonly path: string
  readonly image: string
}

/** One check that did not come out well, and what Kyverno would say about it. */
export interface Failure {
  readonly reason: Reason
  readonly upstreamText: string
  /** Whether it means "could not be told". */
  readonly inconclusive: boolean
  readonly networkFault: boolean
}

/**
 * What an error means: one of ours by its code, one of a source as "could not look".
 *
 * Anything else is a fault of somebody's code. It is inconclusive too, so that it never admits, and names no more than
 * its message.
 *
 * @throws the reason of the signal, when it was aborted
 */
export function readFailure(error: unknown, place: Place, signal: AbortSignal): Failure {
  signal.throwIfAborted()
  if (error instanceof AttestorError) {
    return {
      reason: error.reason(place),
      upstreamText: error.upstreamText,
      inconclusive: error.inconclusive,
      networkFault: error.details.networkFault === true,
    }
  }
  const { code, upstreamText, networkFault } = readFault(error)
  const message = error instanceof Error ? error.message : 'the source failed'
  return {
    reason: { code, message, ...place },
    upstreamText: upstreamText ?? message,
    inconclusive: true,
    networkFault,
  }
}

/** Source faults are told apart by their fields, never by class. */
function readFault(error: unknown): {
  readonly code: string
  readonly upstreamText?: string
  readonly networkFault: boolean
} {
  const field = (name: string): unknown =>
    typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
  const code = field('code')
  const upstreamText = field('upstreamText')
  return {
    code: typeof code === 'string' && /^REGISTRY_[A-Z_]+$/.test(code) ? code : 'ATTESTOR_SOURCE_UNAVAILABLE',
    networkFault: field('networkFault') === true,
    ...(typeof upstreamText === 'string' && { upstreamText }),
  }
}

/**
 * One outcome for failures of which none is a success. It is inconclusive if one of them is: that one might have held.
 */
export function refusal(
  failures: readonly [Failure, ...Failure[]],
  upstreamText: string,
): Exclude<Outcome<unknown>, { kind: 'accepted' }> {
  const [first, ...rest] = failures
  const reasons: readonly [Reason, ...Reason[]] = [first.reason, ...rest.map(({ reason }) => reason)]
  if (!failures.some(({ inconclusive }) => inconclusive)) return { kind: 'rejected', upstreamText, reasons }
  return {
    kind: 'inconclusive',
    upstreamText,
    networkFault: failures.some(({ networkFault }) => networkFault),
    reasons,
  }
}
