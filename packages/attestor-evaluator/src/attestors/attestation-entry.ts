import type { AttestorEntry, AttestorSet } from '@verify-images/policy-parser'
import { type Json, type Outcome, type Refusal, refusalOf } from '@verify-images/primitives'
import { attestorOptions } from '../attestor-options.ts'
import { evaluateExpandedSet } from './attestor-set.ts'
import {
  type AttestationEvaluation,
  type AttestationProgress,
  type AttestedEntry,
  evaluateAttestor,
  isVisible,
} from './attestor-statements.ts'
import { decodeNestedSet } from './decode-nested-set.ts'
import {
  type AttestorPlace,
  type EntryEvaluation,
  failureAt,
  failureIn,
  nestedPlace,
  withDifference,
} from './evaluation.ts'
import { requireNamedSigner } from './named-signer.ts'

/**
 * Evaluates one attestor of an attestation.
 *
 * A nested set is an attestor like any other. Kyverno does not evaluate it and accepts any signer; so the statements
 * must pass as Kyverno checks them, and satisfy the set as well.
 */
export async function evaluateAttestationEntry(
  evaluation: AttestationEvaluation,
  entry: AttestorEntry,
  place: AttestorPlace,
  progress: AttestationProgress,
): Promise<Outcome<AttestedEntry>> {
  if (entry.attestor === undefined) return evaluateSigner(evaluation, entry, place, progress)
  const open = await evaluateUnnamedSigner(evaluation, place, progress)
  return open.kind === 'accepted' ? evaluateNestedSet(evaluation, entry.attestor, place, progress, 1) : open
}

/** Evaluates the statements of any signer, as Kyverno does. They are not visible to other expressions. */
export async function evaluateUnnamedSigner(
  evaluation: AttestationEvaluation,
  place: AttestorPlace,
  progress: AttestationProgress,
): Promise<Outcome<AttestedEntry>> {
  const trial = copyOf(progress)
  const outcome = await evaluateAttestor(evaluation, {}, place, trial)
  progress.image = trial.image
  return outcome
}

/** Evaluates an attestor set of the entry, which an attestation without attestors inherits. */
export function evaluateInheritedSet(
  evaluation: AttestationEvaluation,
  set: AttestorSet,
  place: AttestorPlace,
  progress: AttestationProgress,
): Promise<Outcome<AttestedEntry>> {
  return evaluateStricterSet(evaluation, set, place, progress, 0)
}

/** Keeps the statements of an attestor or a nested set only if it is accepted. */
async function keepIfAccepted(
  progress: AttestationProgress,
  evaluate: (trial: AttestationProgress) => Promise<Outcome<AttestedEntry>>,
): Promise<Outcome<AttestedEntry>> {
  const trial = copyOf(progress)
  const outcome = await evaluate(trial)
  progress.image = trial.image
  if (outcome.kind === 'accepted') progress.named = trial.named
  return outcome
}

function copyOf({ image, evidence, named }: AttestationProgress): AttestationProgress {
  return { image, evidence: [...evidence], named }
}

/** Evaluates one attestor. One that names no signer is refused in any case. */
function evaluateSigner(
  evaluation: AttestationEvaluation,
  entry: AttestorEntry,
  place: AttestorPlace,
  progress: AttestationProgress,
): Promise<Outcome<AttestedEntry>> {
  return keepIfAccepted(progress, async (trial) => {
    const outcome = await evaluateAttestor(evaluation, entry, place, trial)
    if (outcome.kind !== 'accepted') return outcome
    try {
      requireNamedSigner(attestorOptions(evaluation.verification, entry, 'attestation'))
      return outcome
    } catch (error) {
      return refuseAt(error, place, evaluation)
    }
  })
}

async function evaluateNestedSet(
  evaluation: AttestationEvaluation,
  value: Json,
  place: AttestorPlace,
  progress: AttestationProgress,
  depth: number,
): Promise<Outcome<AttestedEntry>> {
  let set: AttestorSet
  try {
    set = decodeNestedSet(value, place.shown)
  } catch (error) {
    return refuseAt(error, place, evaluation)
  }
  return keepIfAccepted(progress, (trial) => evaluateStricterSet(evaluation, set, nestedPlace(place), trial, depth))
}

/** Evaluates a set that Kyverno does not evaluate for attestations. */
async function evaluateStricterSet(
  evaluation: AttestationEvaluation,
  set: AttestorSet,
  place: AttestorPlace,
  progress: AttestationProgress,
  depth: number,
): Promise<Outcome<AttestedEntry>> {
  const evaluateEntry = (entry: AttestorEntry, at: AttestorPlace): Promise<Outcome<AttestedEntry>> =>
    entry.attestor === undefined
      ? evaluateSigner(evaluation, entry, at, progress)
      : evaluateNestedSet(evaluation, entry.attestor, at, progress, depth + 1)
  const unreadMayDeny = isVisible(evaluation.attestation)
  const result = await evaluateExpandedSet({ set, place, depth, unreadMayDeny, evaluateEntry }, evaluation)
  if (result.kind === 'accepted') return { kind: 'accepted', evidence: result.held.flatMap(({ evidence }) => evidence) }
  return { kind: result.kind, failure: withDifference(result.failure, 'S8') }
}

function refuseAt(error: unknown, place: AttestorPlace, evaluation: EntryEvaluation): Refusal {
  return refusalOf(failureIn({ kind: 'attestor-entry', path: place.shown }, failureAt(error, place, evaluation)))
}
