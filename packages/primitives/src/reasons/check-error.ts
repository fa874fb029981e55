import { messageOf } from '../message-of.ts'
import type { AttestorCode } from './codes.ts'
import type { DifferenceRow } from './differences.ts'
import type { ReasonDetail, Step } from './failure.ts'
import type { Reason } from './reason.ts'

/** Codes that say that a check could not be made, rather than that it did not hold. */
const inconclusiveCodes: ReadonlySet<AttestorCode> = new Set<AttestorCode>([
  'ATTESTOR_SOURCE_UNAVAILABLE',
  'ATTESTOR_KEY_UNAVAILABLE',
  'ATTESTOR_TRUST_UNAVAILABLE',
  'ATTESTOR_REVOCATION_UNKNOWN',
  'ATTESTOR_CONDITION_FAILED',
  'ATTESTOR_BUDGET_EXCEEDED',
  'ATTESTOR_STATEMENT_UNREADABLE',
  // Content beyond a limit was not checked, and might have passed.
  'ATTESTOR_LIMIT_EXCEEDED',
])

export interface CheckErrorDetails {
  readonly expected?: string
  readonly actual?: string
  /** Digest of what was checked. */
  readonly candidate?: string
  /** Set where Kyverno would have continued. */
  readonly difference?: DifferenceRow
  readonly detail?: ReasonDetail
  readonly cause?: unknown
}

/**
 * Thrown when one check stops one candidate. Callers of a package never see it: they get an outcome with its reason.
 */
export class CheckError extends Error {
  override readonly name: string = 'CheckError'
  readonly code: AttestorCode
  readonly details: CheckErrorDetails

  constructor(code: AttestorCode, message: string, details: CheckErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.code = code
    this.details = details
  }

  /** Whether the check could not be made, rather than did not hold. */
  get inconclusive(): boolean {
    return inconclusiveCodes.has(this.code)
  }

  /** Returns the error as plain data. */
  reason(): Reason {
    const { expected, actual, candidate, difference } = this.details
    return {
      code: this.code,
      message: this.message,
      ...(candidate !== undefined && { candidate }),
      ...(expected !== undefined && { expected }),
      ...(actual !== undefined && { actual }),
      ...(difference !== undefined && { difference }),
    }
  }
}

/** Thrown by {@link during}: `cause` failed while `step` was being done. */
export class StepError extends Error {
  override readonly name = 'StepError'
  readonly step: Step

  constructor(step: Step, cause: unknown) {
    super(messageOf(cause, `${step.kind} failed`), { cause })
    this.step = step
  }
}

/** Returns the check error that an error is, or that stopped the step it is of. */
export function checkErrorOf(error: unknown): CheckError | undefined {
  if (error instanceof StepError) return checkErrorOf(error.cause)
  return error instanceof CheckError ? error : undefined
}

/**
 * Runs `work`; what it throws is reported as a failure of `step`.
 *
 * @throws StepError
 */
export async function during<Value>(step: Step, work: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    throw new StepError(step, error)
  }
}

/** Does the same for synchronous work. */
export function duringSync<Value>(step: Step, work: () => Value): Value {
  try {
    return work()
  } catch (error) {
    throw new StepError(step, error)
  }
}
