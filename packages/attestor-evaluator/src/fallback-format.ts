import { CheckError, type Failure, failureOf } from '@verify-images/primitives'
import { withDifference } from './attestors/evaluation.ts'
import type { Evidence, Outcome } from './outcome.ts'
import type {
  AttestationRequest,
  SignatureVerifier,
  VerificationRun,
  VerifiedAttestations,
} from './signature-verifier.ts'

/**
 * Returns a verifier that looks for a second signature format where the first one is rejected.
 *
 * Kyverno looks only for the format of the rule's type, so evidence of the second one is marked. The first one's
 * failure is reported unless the second is accepted; if the second could not be checked, the outcome is inconclusive.
 *
 * Statements of the second format count only if no statement of the first one may say no. Otherwise a stranger's
 * attestation beside a trusted one, which makes the first format fail, would hide what the trusted one says.
 */
export function withFallbackFormat(first: SignatureVerifier, second: SignatureVerifier): SignatureVerifier {
  return {
    signatureType: first.signatureType,
    verifySignature: async (request, run) =>
      fallBack(
        await first.verifySignature(request, run),
        () => second.verifySignature(request, run),
        ({ evidence: [one, ...more], ...accepted }) => ({
          ...accepted,
          evidence: [markUnseen(one), ...more.map(markUnseen)],
        }),
      ),
    verifyAttestations: async (request, run) => {
      const outcome = requireType(await first.verifyAttestations(request, run), request, run)
      if (outcome.kind === 'rejected' && !saysNothing(outcome.failure)) return outcome
      return fallBack(
        outcome,
        () => second.verifyAttestations(request, run),
        (accepted) => ({
          ...accepted,
          statements: accepted.statements.map(({ statement, evidence }) => ({
            statement,
            evidence: markUnseen(evidence),
          })),
        }),
      )
    },
  }
}

const nothingFound: ReadonlySet<string> = new Set(['ATTESTOR_NO_SIGNATURE', 'ATTESTOR_STATEMENT_MISSING'])

/** Returns whether every attestation of a format was read, and none of them may be by the required signer. */
function saysNothing(failure: Failure): boolean {
  if (failure.kind === 'reason') return nothingFound.has(failure.reason.code)
  const { step } = failure
  return (
    step.kind === 'attestor-verify-bundles' || (step.kind === 'attestor-verify-candidates' && step.unproved !== true)
  )
}

async function fallBack<Accepted>(
  outcome: Outcome<Accepted>,
  verifySecond: () => Promise<Outcome<Accepted>>,
  mark: (accepted: Accepted & { readonly kind: 'accepted' }) => Accepted,
): Promise<Outcome<Accepted>> {
  if (outcome.kind !== 'rejected') return outcome
  const second = await verifySecond()
  switch (second.kind) {
    case 'accepted':
      return { ...mark(second), kind: 'accepted' }
    case 'rejected':
      return outcome
    case 'inconclusive': {
      const failures = [outcome.failure, withDifference(second.failure, 'sig-other-format')] as const
      return { kind: 'inconclusive', failure: { kind: 'step', step: { kind: 'attestor-set' }, failures } }
    }
  }
}

/** Rejects an outcome without a statement of the requested type, so that the second format is looked for. */
function requireType(
  outcome: Outcome<VerifiedAttestations>,
  { predicateType, path, image }: AttestationRequest,
  { signal }: VerificationRun,
): Outcome<VerifiedAttestations> {
  if (outcome.kind !== 'accepted') return outcome
  if (outcome.statements.some(({ statement }) => statement.type === predicateType)) return outcome
  const error = new CheckError('ATTESTOR_STATEMENT_MISSING', 'the image has no statement of the required type', {
    expected: predicateType,
    detail: { kind: 'attestor-statement-missing', predicateType },
  })
  return { kind: 'rejected', failure: failureOf(error, { path, image: image.reference }, signal) }
}

function markUnseen(evidence: Evidence): Evidence {
  return { ...evidence, unseenByKyverno: true }
}
