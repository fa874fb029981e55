import type { Attestation, AttestorEntry } from '@verify-images/policy-parser'
import { CheckError, isPredicateObject, type Outcome, refusalOf } from '@verify-images/primitives'
import { attestorOptions } from '../attestor-options.ts'
import type { Evidence } from '../outcome.ts'
import type { ImageSubject } from '../ports.ts'
import type { VerifiedAttestations, VerifiedStatement } from '../signature-verifier.ts'
import {
  type AttestorPlace,
  attestorStep,
  type EntryEvaluation,
  failureAt,
  failureIn,
  verifierOf,
} from './evaluation.ts'
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

/** Verifies the statements of one attestor, and evaluates the conditions of the attestation over each of them. */
export async function evaluateAttestor(
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
