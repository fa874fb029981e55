import type { ImageVerification, SignatureType } from '@verify-images/policy-parser'
import { AttestorError } from '../attestor-error.ts'
import type { AttestorOptions } from '../attestor-options.ts'
import { type Failure, readFailure } from '../failure.ts'
import type { Outcome, Reason } from '../outcome.ts'
import type { ImageSubject } from '../ports.ts'
import type { SignatureVerifier, VerificationRun } from '../signature-verifier.ts'

/** One entry of `verifyImages` against one image. */
export interface EntryEvaluation {
  readonly verification: ImageVerification
  readonly image: ImageSubject
  readonly run: VerificationRun
  readonly verifiers: ReadonlyMap<SignatureType, SignatureVerifier>
}

/**
 * The verifier of an entry's type; an entry without one is of type Cosign.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID
 */
export function verifierOf({ verification, verifiers }: EntryEvaluation): SignatureVerifier {
  const type = verification.type ?? 'Cosign'
  const verifier = verifiers.get(type)
  if (verifier === undefined)
    throw new AttestorError('ATTESTOR_POLICY_INVALID', `there is no verifier for signatures of type ${type}`)
  return verifier
}

/** What Kyverno puts behind the path of an entry in a message. */
export function kindSuffix(verification: ImageVerification, { kind }: AttestorOptions): string {
  return verification.type === 'Notary' || kind === 'none' ? '' : `.${kind}`
}

/** Why one entry of a set does not hold. */
export interface EntryFailure extends Omit<Failure, 'reason'> {
  readonly reasons: readonly [Reason, ...Reason[]]
}

/** What a verifier refused, with the text as it stands in the message of the set. */
export function failureOfOutcome(
  outcome: Exclude<Outcome<unknown>, { kind: 'accepted' }>,
  upstreamText: string,
): EntryFailure {
  return {
    upstreamText,
    reasons: outcome.reasons,
    inconclusive: outcome.kind === 'inconclusive',
    networkFault: outcome.kind === 'inconclusive' && outcome.networkFault,
  }
}

/** The same for an error. */
export function failureOfError(
  error: unknown,
  path: string,
  { image, run }: EntryEvaluation,
  prefix = '',
): EntryFailure {
  const { reason, upstreamText, inconclusive, networkFault } = readFailure(
    error,
    { path, image: image.reference },
    run.signal,
  )
  return { reasons: [reason], upstreamText: `${prefix}${upstreamText}`, inconclusive, networkFault }
}
