import { CheckError, failureOf, type Outcome, refusalOf, type Refusal } from '@verify-images/primitives'
import type { AttestorEntry, AttestorSet } from '@verify-images/policy-parser'
import { attestorOptions } from '../attestor-options.ts'
import type { Evidence } from '../outcome.ts'
import type { VerifiedSignature } from '../signature-verifier.ts'
import { evaluateExpandedSet } from './attestor-set.ts'
import { decodeNestedSet } from './decode-nested-set.ts'
import {
  type AttestorPlace,
  attestorStep,
  type EntryEvaluation,
  failureAt,
  nestedPlace,
  verifierOf,
} from './evaluation.ts'
import { requireNamedSigner } from './named-signer.ts'

/**
 * Verifies that an image is signed as the `attestors` of an entry require: by every one of its attestor sets.
 *
 * @see Kyverno, verifyImages: attestors
 */
export async function evaluateSignatures(evaluation: EntryEvaluation): Promise<Outcome<VerifiedSignature>> {
  const { image, run, verification } = evaluation
  let digest: VerifiedSignature['digest'] | undefined
  const evidence: Evidence[] = []
  for (const [i, set] of (verification.attestors ?? []).entries()) {
    const place = { shown: `.attestors[${i}]`, real: `attestors[${i}]` }
    const outcome = await evaluateSignatureSet(evaluation, set, place, 0)
    if (outcome.kind !== 'accepted') {
      const step = { kind: 'attestor-verify-signatures', image: image.reference } as const
      return { ...outcome, failure: { kind: 'step', step, failures: [outcome.failure] } }
    }
    digest = outcome.digest
    evidence.push(...outcome.evidence)
  }
  const [first, ...rest] = evidence
  if (digest !== undefined && first !== undefined) return { kind: 'accepted', digest, evidence: [first, ...rest] }
  // Kyverno never gets here without attestors. All sets of none would hold for every image.
  const error = new CheckError('ATTESTOR_SET_INVALID', 'the policy names no attestors', {
    detail: { kind: 'attestor-no-attestors' },
  })
  return refusalOf(failureOf(error, { path: 'attestors', image: image.reference }, run.signal))
}

async function evaluateSignatureSet(
  evaluation: EntryEvaluation,
  set: AttestorSet,
  place: AttestorPlace,
  depth: number,
): Promise<Outcome<VerifiedSignature>> {
  const evaluateEntry = (entry: AttestorEntry, at: AttestorPlace): Promise<Outcome<VerifiedSignature>> =>
    evaluateSignatureEntry(evaluation, entry, at, depth)
  const result = await evaluateExpandedSet({ set, place, depth, unreadMayDeny: false, evaluateEntry }, evaluation)
  if (result.kind !== 'accepted') return result
  const [first, ...rest] = result.held
  const { digest } = rest.at(-1) ?? first
  const [one, ...more] = first.evidence
  return { kind: 'accepted', digest, evidence: [one, ...more, ...rest.flatMap(({ evidence }) => evidence)] }
}

async function evaluateSignatureEntry(
  evaluation: EntryEvaluation,
  entry: AttestorEntry,
  place: AttestorPlace,
  depth: number,
): Promise<Outcome<VerifiedSignature>> {
  if (entry.attestor === undefined) return evaluateSignatureAttestor(evaluation, entry, place)
  try {
    const nested = decodeNestedSet(entry.attestor, place.shown)
    return await evaluateSignatureSet(evaluation, nested, nestedPlace(place), depth + 1)
  } catch (error) {
    return refusalOf(failureAt(error, place, evaluation))
  }
}

async function evaluateSignatureAttestor(
  evaluation: EntryEvaluation,
  entry: AttestorEntry,
  place: AttestorPlace,
): Promise<Outcome<VerifiedSignature>> {
  const { verification, image, run } = evaluation
  const attestor = attestorOptions(verification, entry, 'signature')
  const refused = ({ kind, failure }: Refusal): Refusal => ({
    kind,
    failure: { kind: 'step', step: attestorStep(place, verification, attestor), failures: [failure] },
  })
  try {
    const outcome = await verifierOf(evaluation).verifySignature({ image, attestor, path: place.real }, run)
    if (outcome.kind !== 'accepted') return refused(outcome)
    requireNamedSigner(attestor)
    return { kind: 'accepted', digest: outcome.digest, evidence: outcome.evidence }
  } catch (error) {
    return refused(refusalOf(failureAt(error, place, evaluation)))
  }
}
