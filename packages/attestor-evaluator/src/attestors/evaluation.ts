import {
  type AttestorEntryStep,
  CheckError,
  type DifferenceRow,
  type Failure,
  failureOf,
} from '@verify-images/primitives'
import type { ImageVerification, SignatureType } from '@verify-images/policy-parser'
import type { AttestorOptions } from '../attestor-options.ts'
import type { ImageSubject } from '../ports.ts'
import type { SignatureVerifier, VerificationRun } from '../signature-verifier.ts'

/** One entry of `verifyImages`, evaluated for one image. */
export interface EntryEvaluation {
  readonly verification: ImageVerification
  readonly image: ImageSubject
  readonly run: VerificationRun
  readonly verifiers: ReadonlyMap<SignatureType, SignatureVerifier>
}

/** A place in an entry, counted in two ways. */
export interface AttestorPlace {
  /** As Kyverno counts, for its messages. */
  readonly shown: string
  /** As the policy is written, for reasons. */
  readonly real: string
}

/** Returns the place of the set inside of an entry. */
export function nestedPlace({ shown, real }: AttestorPlace): AttestorPlace {
  return { shown: `${shown}.attestor`, real: `${real}.attestor` }
}

/**
 * Returns the verifier for an entry's type; an entry without a type is Cosign.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function verifierOf({ verification, verifiers }: EntryEvaluation): SignatureVerifier {
  const type = verification.type ?? 'Cosign'
  const verifier = verifiers.get(type)
  if (verifier === undefined)
    throw new CheckError('ATTESTOR_POLICY_INVALID', `there is no verifier for signatures of type ${type}`)
  return verifier
}

/** Returns the step under which the failure of one attestor is reported. */
export function attestorStep(
  { shown }: AttestorPlace,
  { type }: ImageVerification,
  { kind }: AttestorOptions,
): AttestorEntryStep {
  return { kind: 'attestor-entry', path: shown, ...(type !== 'Notary' && kind !== 'none' && { attestor: kind }) }
}

/** Maps an error to a failure at a place of the policy. */
export function failureAt(error: unknown, { real }: AttestorPlace, { image, run }: EntryEvaluation): Failure {
  return failureOf(error, { path: real, image: image.reference }, run.signal)
}

/** Nests a failure in the step in which it was met. */
export function failureIn(step: AttestorEntryStep, failure: Failure): Failure {
  return { kind: 'step', step, failures: [failure] }
}

/** Marks every reason of a failure as one that Kyverno does not have. */
export function withDifference(failure: Failure, difference: DifferenceRow): Failure {
  if (failure.kind === 'reason') return { ...failure, reason: { ...failure.reason, difference } }
  const [first, ...rest] = failure.failures
  return {
    ...failure,
    failures: [withDifference(first, difference), ...rest.map((each) => withDifference(each, difference))],
  }
}
