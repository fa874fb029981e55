import type { Attestation, AttestorEntry, AttestorSet } from '@verify-images/policy-parser'
import {
  CheckError,
  type Failure,
  isPredicateObject,
  type Json,
  type Outcome,
  type Refusal,
  refusalOf,
} from '@verify-images/primitives'
import { attestorOptions } from '../attestor-options.ts'
import type { Evidence } from '../outcome.ts'
import type { ImageSubject } from '../ports.ts'
import type { VerifiedAttestations, VerifiedStatement } from '../signature-verifier.ts'
import { evaluateAttestorSet } from './attestor-set.ts'
import { decodeNestedSet } from './decode-nested-set.ts'
import {
  type AttestorPlace,
  attestorStep,
  type EntryEvaluation,
  failureAt,
  failureIn,
  verifierOf,
  withDifference,
} from './evaluation.ts'
import { expandKeys } from './expand-keys.ts'
import { requireNamedSigner } from './named-signer.ts'
import { addStatements, type NamedStatements } from './named-statements.ts'
import { predicateTypeOf, requireConditions, type StatementJudge } from './statement-conditions.ts'

/** One attestation of an entry, evaluated for one image. */
export interface AttestationEvaluation extends EntryEvaluation {
  readonly judge: StatementJudge
  readonly attestation: Attestation
  /** Of the attestation. */
  readonly index: number
}

/** What the attestors of an entry have established so far. */
export interface AttestationProgress {
  image: ImageSubject
  readonly evidence: Evidence[]
  /** The statements that later conditions, and `deny`, see under the names of their attestations. */
  named: NamedStatements
}

export interface AttestedEntry {
  readonly evidence: readonly Evidence[]
}

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

/** Returns the subject with its digest as the reference, once the digest is known. */
export function imageByDigest(image: ImageSubject): ImageSubject {
  return image.digest === undefined ? image : { ...image, reference: `${image.repository}@${image.digest}` }
}

/**
 * Returns whether other expressions see the statements of an attestation, so that one of them can cause a denial. Its
 * own conditions only refuse the attestor that they are evaluated for, and another one may still complete the set.
 */
export function isVisible({ name }: Attestation): boolean {
  return name !== undefined && name !== ''
}

/**
 * Returns whether a statement of an attestation can decide: by its own conditions, or because other expressions see it.
 * The `deny` of any entry of the rule is one of them, so it does not matter which entry has `validate`.
 */
function canDecide(attestation: Attestation): boolean {
  const { conditions = [] } = attestation
  return isVisible(attestation) || conditions.length > 0
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
  const inside = { shown: `${place.shown}.attestor`, real: `${place.real}.attestor` }
  return keepIfAccepted(progress, (trial) => evaluateStricterSet(evaluation, set, inside, trial, depth))
}

/** Evaluates a set that Kyverno does not evaluate for attestations. */
async function evaluateStricterSet(
  evaluation: AttestationEvaluation,
  set: AttestorSet,
  place: AttestorPlace,
  progress: AttestationProgress,
  depth: number,
): Promise<Outcome<AttestedEntry>> {
  const result = await evaluateAttestorSet<AttestedEntry>(
    {
      set,
      place,
      depth,
      entries: expandKeys(set.entries ?? []),
      evaluateEntry: (entry, position, index) => {
        const at = { shown: `${place.shown}.entries[${index}]`, real: `${place.real}.entries[${position}]` }
        return entry.attestor === undefined
          ? evaluateSigner(evaluation, entry, at, progress)
          : evaluateNestedSet(evaluation, entry.attestor, at, progress, depth + 1)
      },
      unreadMayDeny: isVisible(evaluation.attestation),
    },
    evaluation,
  )
  if (result.kind === 'accepted') return { kind: 'accepted', evidence: result.held.flatMap(({ evidence }) => evidence) }
  const failure: Failure = { kind: 'step', step: { kind: 'attestor-set' }, failures: result.failures }
  return { kind: result.kind, failure: withDifference(failure, 'S8') }
}

function refuseAt(error: unknown, place: AttestorPlace, evaluation: EntryEvaluation): Refusal {
  return refusalOf(failureIn({ kind: 'attestor-entry', path: place.shown }, failureAt(error, place, evaluation)))
}

async function evaluateAttestor(
  evaluation: AttestationEvaluation,
  entry: AttestorEntry,
  place: AttestorPlace,
  progress: AttestationProgress,
): Promise<Outcome<AttestedEntry>> {
  const { verification, run, attestation, judge } = evaluation
  const attestor = attestorOptions(verification, entry, 'attestation')
  const predicateType = predicateTypeOf(attestation)
  const everyStatementCounts = canDecide(attestation)
  let statements: readonly VerifiedStatement[]
  try {
    const request = { image: progress.image, attestor, path: place.real, predicateType, everyStatementCounts }
    const outcome = await verifierOf(evaluation).verifyAttestations(request, run)
    if (outcome.kind !== 'accepted') return outcome
    requirePredicate(outcome)
    statements = outcome.statements.filter(({ statement }) => statement.type === predicateType)
    if (outcome.digest !== undefined) progress.image = imageByDigest({ ...progress.image, digest: outcome.digest })
  } catch (error) {
    return refusalOf(failureAt(error, place, evaluation))
  }
  const { name = '' } = attestation
  const earlier = new Map([...progress.named].filter(([known]) => known !== name))
  try {
    await requireConditions({ attestation, judge, image: progress.image, named: earlier, run }, statements)
  } catch (error) {
    return refusalOf(failureIn(attestorStep(place, verification, attestor), failureAt(error, place, evaluation)))
  }
  if (isVisible(attestation)) {
    const shown = statements.map(({ statement }) => statement)
    // Kyverno ignores a statement whose predicate is not an object. It goes first, so that it does not hide behind
    // another.
    const first = shown.find(({ predicate }) => !isPredicateObject(predicate)) ?? shown[0]
    if (first !== undefined) progress.named = addStatements(progress.named, name, first, shown)
  }
  return { kind: 'accepted', evidence: statements.map(({ evidence }) => evidence) }
}

function requirePredicate({ statements, otherPredicates = [] }: VerifiedAttestations): void {
  const predicates = [...statements.map(({ statement }) => statement.predicate), ...otherPredicates]
  if (predicates.some(isPredicateObject)) return
  throw new CheckError('ATTESTOR_STATEMENT_MISSING', 'no statement has an object as predicate', {
    detail: { kind: 'attestor-predicate-missing' },
  })
}
