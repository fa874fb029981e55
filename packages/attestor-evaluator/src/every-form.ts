import type { Evidence, Outcome } from './outcome.ts'
import type { SignatureVerifier, VerifiedAttestations } from './signature-verifier.ts'

/**
 * A verifier that, where its own form of signature does not hold, looks for another form.
 *
 * Kyverno looks only for the form of the rule's type, so what is found in the other one is marked in the evidence. The
 * answer of the first form stands wherever the other one does not hold either, and wherever it could not be told.
 */
export function inEveryForm(first: SignatureVerifier, second: SignatureVerifier): SignatureVerifier {
  return {
    signatureType: first.signatureType,
    verifySignature: (request, run) =>
      either(
        first.verifySignature(request, run),
        () => second.verifySignature(request, run),
        ({ evidence: [one, ...more], ...accepted }) => ({ ...accepted, evidence: [unseen(one), ...more.map(unseen)] }),
      ),
    verifyAttestations: (request, run) =>
      either(
        first.verifyAttestations(request, run).then((outcome) => withoutType(outcome, request.predicateType)),
        () => second.verifyAttestations(request, run),
        (accepted) => ({
          ...accepted,
          statements: accepted.statements.map(({ statement, evidence }) => ({ statement, evidence: unseen(evidence) })),
        }),
      ),
  }
}

async function either<Accepted>(
  first: Promise<Outcome<Accepted>>,
  second: () => Promise<Outcome<Accepted>>,
  mark: (accepted: Accepted & { readonly kind: 'accepted' }) => Accepted,
): Promise<Outcome<Accepted>> {
  const outcome = await first
  if (outcome.kind !== 'rejected') return outcome
  const other = await second()
  return other.kind === 'accepted' ? { ...mark(other), kind: 'accepted' } : outcome
}

/** Attestations of other types only are none, so that the other form is looked at. */
function withoutType(outcome: Outcome<VerifiedAttestations>, type: string): Outcome<VerifiedAttestations> {
  if (outcome.kind !== 'accepted' || outcome.statements.some(({ statement }) => statement.type === type)) return outcome
  return {
    kind: 'rejected',
    failure: {
      kind: 'reason',
      reason: {
        code: 'ATTESTOR_STATEMENT_MISSING',
        message: 'there is no statement of the wanted type',
        expected: type,
      },
      inconclusive: false,
      detail: { kind: 'attestor-statement-missing', predicateType: type },
    },
  }
}

function unseen(evidence: Evidence): Evidence {
  return { ...evidence, unseenByKyverno: true }
}
