import { messageOf } from '../message-of.ts'
import type { AttestorDetail, AttestorStep } from './attestor-detail.ts'
import type { CertificateDetail } from './certificate-detail.ts'
import { CheckError, StepError } from './check-error.ts'
import { registryCodes, type RegistryCode } from './codes.ts'
import type { NotaryDetail, NotaryStep } from './notary-detail.ts'
import type { Reason } from './reason.ts'
import type { RegistryDetail } from './registry-detail.ts'

/**
 * The facts behind a reason that a presenter needs to print Kyverno's words for it: facts only, no sentence.
 */
export type ReasonDetail = RegistryDetail | CertificateDetail | AttestorDetail | NotaryDetail

/** The work during which the failures below it occurred. */
export type Step = AttestorStep | NotaryStep

/** How failures travel from the check that found them to the presenter in core. */
export type Failure =
  | {
      readonly kind: 'reason'
      readonly reason: Reason
      /** Whether the check could not be made, rather than did not hold. */
      readonly inconclusive: boolean
      readonly detail?: ReasonDetail
    }
  | StepFailure

export interface StepFailure {
  readonly kind: 'step'
  readonly step: Step
  readonly failures: readonly [Failure, ...Failure[]]
}

/** The result of one check. Neither `rejected` (it did not hold) nor `inconclusive` (it could not be made) admits. */
export type Outcome<Accepted> = ({ readonly kind: 'accepted' } & Accepted) | Refusal

export interface Refusal {
  readonly kind: 'rejected' | 'inconclusive'
  readonly failure: Failure
}

/** Where in a policy, and for which image, something was checked. */
export interface Place {
  readonly path?: string
  readonly image?: string
  readonly candidate?: string
}

/** Returns all reasons of a failure, in the order they were met. */
export function reasonsOf(failure: Failure): readonly [Reason, ...Reason[]] {
  if (failure.kind === 'reason') return [failure.reason]
  const [first, ...rest] = failure.failures
  return [...reasonsOf(first), ...rest.flatMap(reasonsOf)]
}

/** Returns whether one of the reasons is that a check could not be made: that check might have held. */
export function isInconclusive(failure: Failure): boolean {
  return failure.kind === 'reason' ? failure.inconclusive : failure.failures.some(isInconclusive)
}

/** Returns the outcome of checks that all failed. */
export function refusalOf(failure: Failure): Refusal {
  return { kind: isInconclusive(failure) ? 'inconclusive' : 'rejected', failure }
}

/**
 * Maps a thrown error to a failure: a {@link CheckError} by its code, an error of a registry or another source to
 * "could not be checked".
 *
 * Anything else is a bug, ours or an adapter's. It is inconclusive too, so that it never admits. Errors of a source are
 * recognised by their fields, never by class.
 *
 * @throws the reason of the signal, when it was aborted
 */
export function failureOf(error: unknown, place: Place, signal: AbortSignal): Failure {
  signal.throwIfAborted()
  if (error instanceof StepError)
    return { kind: 'step', step: error.step, failures: [failureOf(error.cause, place, signal)] }
  if (error instanceof CheckError) {
    const { detail } = error.details
    return {
      kind: 'reason',
      reason: { ...error.reason(), ...place },
      inconclusive: error.inconclusive,
      ...(detail !== undefined && { detail }),
    }
  }
  const { code, detail } = sourceFields(error)
  return {
    kind: 'reason',
    reason: { code, message: messageOf(error, 'the source failed'), ...place },
    inconclusive: true,
    ...(detail !== undefined && { detail }),
  }
}

interface SourceFields {
  readonly code: RegistryCode | 'ATTESTOR_SOURCE_UNAVAILABLE'
  readonly detail?: ReasonDetail
}

function sourceFields(error: unknown): SourceFields {
  const field = (name: string): unknown =>
    typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
  const given = field('code')
  const code = registryCodes.find((known) => known === given) ?? 'ATTESTOR_SOURCE_UNAVAILABLE'
  const detail = field('detail')
  return isRegistryDetail(detail) ? { code, detail } : { code }
}

function isRegistryDetail(value: unknown): value is RegistryDetail {
  const kinds: Readonly<Record<RegistryDetail['kind'], true>> = {
    'registry-answer': true,
    'registry-transport': true,
    'registry-aborted': true,
    'registry-digest-mismatch': true,
    'registry-reference-invalid': true,
    'registry-credentials-invalid': true,
  }
  return typeof value === 'object' && value !== null && 'kind' in value && Object.hasOwn(kinds, String(value.kind))
}
