import type { Attestation, AttestorSet } from '@verify-images/policy-parser'
import {
  CheckError,
  type Digest,
  type Failure,
  failureOf,
  type Outcome,
  type Refusal,
  refusalOf,
} from '@verify-images/primitives'
import type { Evidence } from '../outcome.ts'
import type { ImageSubject } from '../ports.ts'
import { evaluateAttestationEntry, evaluateInheritedSet, evaluateUnnamedSigner } from './attestation-entry.ts'
import { evaluateAttestorSet } from './attestor-set.ts'
import {
  type AttestationEvaluation,
  type AttestationProgress,
  imageByDigest,
  isVisible,
} from './attestor-statements.ts'
import type { EntryEvaluation } from './evaluation.ts'
import type { NamedStatements } from './named-statements.ts'
import { predicateTypeOf, type StatementJudge } from './statement-conditions.ts'

export interface VerifiedAttestationSets {
  readonly evidence: readonly Evidence[]
  /** The image as Kyverno names it by now: by digest, once its digest is known. */
  readonly image: string
  /** The digest that all statements are about. */
  readonly digest?: Digest
  /** The statements of each named attestation, one for each distinct predicate; Kyverno shows the first to `deny`. */
  readonly statements: NamedStatements
}

/**
 * Verifies that an image is attested as the `attestations` of an entry require: each of them by every one of its
 * attestor sets, and every statement of its type must satisfy the conditions.
 *
 * @see Kyverno, verifyImages: attestations
 */
export async function evaluateAttestations(
  evaluation: EntryEvaluation,
  judge: StatementJudge,
): Promise<Outcome<VerifiedAttestationSets>> {
  const attestations = evaluation.verification.attestations ?? []
  if (attestations.length === 0) {
    // Kyverno never gets here without attestations. All of none would hold for every image.
    const error = new CheckError('ATTESTOR_SET_INVALID', 'the policy names no attestations')
    const place = { path: 'attestations', image: evaluation.image.reference }
    return refusalOf(failureOf(error, place, evaluation.run.signal))
  }
  const progress: AttestationProgress = { image: imageByDigest(evaluation.image), evidence: [], named: new Map() }
  for (const [i, attestation] of attestations.entries()) {
    const refused = await evaluateAttestation({ ...evaluation, judge, attestation, index: i }, progress)
    if (refused !== undefined) return refused
  }
  const { image, evidence, named: statements } = progress
  const digest = evidence[0]?.signedDigest
  return { kind: 'accepted', image: image.reference, evidence, statements, ...(digest !== undefined && { digest }) }
}

async function evaluateAttestation(
  evaluation: AttestationEvaluation,
  progress: AttestationProgress,
): Promise<Refusal | undefined> {
  const { attestation, index, verification } = evaluation
  const path = `attestations[${index}]`
  if (predicateTypeOf(attestation) === '') return refuseUntyped(path, progress.image, evaluation)
  if (!attestation.attestors?.length && verification.attestors?.length)
    return evaluateInherited(evaluation, verification.attestors, progress)
  // Kyverno keeps the failures of earlier sets, although those sets are satisfied.
  const earlier: Failure[] = []
  for (const [i, set] of setsOf(attestation).entries()) {
    const place = { shown: `.${path}.attestors[${i}]`, real: `${path}.attestors[${i}]` }
    const result = await evaluateAttestorSet(
      {
        set,
        place,
        depth: 0,
        // Several keys in one field are one entry here, of which only the first key counts.
        entries: (set.entries ?? []).map((entry, position) => ({ entry, position })),
        evaluateEntry: (entry, position) => {
          // Kyverno prints the number of the attestation where that of the entry belongs.
          const at = { shown: `${place.shown}.entries[${index}]`, real: `${place.real}.entries[${position}]` }
          return evaluateAttestationEntry(evaluation, entry, at, progress)
        },
        unreadMayDeny: isVisible(attestation),
      },
      evaluation,
    )
    if (result.kind === 'accepted') {
      earlier.push(...result.failures)
      progress.evidence.push(...result.held.flatMap(({ evidence }) => evidence))
      continue
    }
    const { kind, verifiedCount, requiredCount, failures } = result
    const [first, ...rest] = [...earlier, ...failures]
    const step = { kind: 'attestor-verify-attestation', verifiedCount, requiredCount } as const
    return { kind, failure: { kind: 'step', step, failures: [first ?? failures[0], ...rest] } }
  }
  return undefined
}

function setsOf({ attestors }: Attestation): readonly AttestorSet[] {
  return attestors?.length ? attestors : [{ entries: [{}] }]
}

function refuseUntyped(path: string, image: ImageSubject, { run }: EntryEvaluation): Refusal {
  const error = new CheckError('ATTESTOR_POLICY_INVALID', 'the attestation names no type', {
    detail: { kind: 'attestor-attestation-without-type', path: `.${path}` },
  })
  return refusalOf(failureOf(error, { path, image: image.reference }, run.signal))
}

/**
 * Evaluates an attestation without attestors by those of its entry.
 *
 * Kyverno accepts the statements of any signer. So the statements must pass as Kyverno checks them, and satisfy every
 * set of the entry as well.
 */
async function evaluateInherited(
  evaluation: AttestationEvaluation,
  sets: readonly AttestorSet[],
  progress: AttestationProgress,
): Promise<Refusal | undefined> {
  const { index } = evaluation
  const refused = ({ kind, failure }: Refusal): Refusal => {
    const step = { kind: 'attestor-verify-attestation', verifiedCount: 0, requiredCount: 1 } as const
    return { kind, failure: { kind: 'step', step, failures: [failure] } }
  }
  const shown = `.attestations[${index}].attestors[0].entries[${index}]`
  const open = await evaluateUnnamedSigner(evaluation, { shown, real: `attestations[${index}]` }, progress)
  if (open.kind !== 'accepted') return refused(open)
  for (const [i, set] of sets.entries()) {
    const place = { shown: `.attestors[${i}]`, real: `attestors[${i}]` }
    const outcome = await evaluateInheritedSet(evaluation, set, place, progress)
    if (outcome.kind !== 'accepted') return refused(outcome)
    progress.evidence.push(...outcome.evidence)
  }
  return undefined
}
