import type { Attestation, AttestorEntry, AttestorSet } from '@verify-images/policy-parser'
import {
  CheckError,
  type DifferenceRow,
  type Digest,
  type Failure,
  failureOf,
  HeldPredicate,
  isPredicateObject,
  type Json,
  type Outcome,
  type Predicate,
  type Reason,
  type Refusal,
  refusalOf,
  type Verified,
} from '@verify-images/primitives'
import { attestorOptions } from '../attestor-options.ts'
import type { Evidence } from '../outcome.ts'
import type { ImageSubject } from '../ports.ts'
import type { Statement, VerifiedStatement } from '../signature-verifier.ts'
import { decodeNestedSet } from './decode-nested-set.ts'
import { evaluateAttestorSet, type SetResult } from './attestor-set.ts'
import {
  type AttestorPlace,
  attestorStep,
  type EntryEvaluation,
  failureAt,
  failureIn,
  verifierOf,
} from './evaluation.ts'
import { expandKeys } from './expand-keys.ts'
import { requireNamedSigner } from './names-someone.ts'

/**
 * Returns whether a statement satisfies the conditions of an attestation. `named` has the statements of this attestation and
 * of those before it, by the names of the attestations.
 */
export type StatementJudge = (
  attestation: Attestation,
  statement: Verified<Statement>,
  named: ReadonlyMap<string, Verified<Statement>>,
) => Promise<StatementVerdict>

export type StatementVerdict =
  | { readonly holds: true }
  /** `difference` where Kyverno would have it that they hold: the row of docs/differences.md. */
  | {
      readonly holds: false
      readonly message: string
      /** The condition that decided, and what its key resolved to. */
      readonly expected?: string
      readonly actual?: string
      readonly difference?: DifferenceRow
    }
  /** The conditions could not be evaluated. */
  | { readonly failure: { readonly message: string; readonly reason: Reason } }

export type NamedStatements = ReadonlyMap<string, readonly [Verified<Statement>, ...Verified<Statement>[]]>

export interface VerifiedAttestationSets {
  readonly evidence: readonly Evidence[]
  /** The image as Kyverno names it by now: by digest, once a digest is known to it. */
  readonly image: string
  /** What all statements are about. */
  readonly digest?: Digest
  /** The statements of each named attestation, one for each distinct predicate; Kyverno shows the first to `deny`. */
  readonly statements: NamedStatements
}

/**
 * Whether an image is attested as the `attestations` of an entry ask for: each of them, by every one of its attestor
 * sets, and every statement of the type must satisfy the conditions.
 *
 * @see Kyverno, verifyImages: attestations
 */
export async function evaluateAttestations(
  evaluation: EntryEvaluation,
  judge: StatementJudge,
): Promise<Outcome<VerifiedAttestationSets>> {
  const attestations = evaluation.verification.attestations ?? []
  if (attestations.length === 0) {
    // Kyverno never asks without attestations. All of none would hold for every image.
    const error = new CheckError('ATTESTOR_SET_INVALID', 'the policy names no attestations')
    const place = { path: 'attestations', image: evaluation.image.reference }
    return refusalOf(failureOf(error, place, evaluation.run.signal))
  }
  const progress: Progress = {
    image: byDigest(evaluation.image),
    evidence: [],
    visible: new Map(),
    named: new Map(),
  }
  for (const [i, attestation] of attestations.entries()) {
    const refused = await evaluateAttestation({ ...evaluation, judge, attestation, index: i }, progress)
    if (refused !== undefined) return refused
  }
  const { image, evidence, named: statements } = progress
  const digest = evidence[0]?.signedDigest
  return { kind: 'accepted', image: image.reference, evidence, statements, ...(digest !== undefined && { digest }) }
}

interface AttestationEvaluation extends EntryEvaluation {
  readonly judge: StatementJudge
  readonly attestation: Attestation
  readonly index: number
}

/** What earlier attestations of the entry have found out. */
interface Progress {
  image: ImageSubject
  readonly evidence: Evidence[]
  /** What conditions of later attestations see, by the names of attestations. */
  readonly visible: Map<string, Verified<Statement>>
  readonly named: Map<string, readonly [Verified<Statement>, ...Verified<Statement>[]]>
}

async function evaluateAttestation(
  evaluation: AttestationEvaluation,
  progress: Progress,
): Promise<Refusal | undefined> {
  const { attestation, index } = evaluation
  const path = `attestations[${index}]`
  if (!typeOf(attestation)) {
    const error = new CheckError('ATTESTOR_POLICY_INVALID', 'the attestation names no type', {
      detail: { kind: 'attestor-attestation-without-type', path: `.${path}` },
    })
    return refusalOf(failureOf(error, { path, image: progress.image.reference }, evaluation.run.signal))
  }
  if (!attestation.attestors?.length && evaluation.verification.attestors?.length)
    return evaluateInherited(evaluation, evaluation.verification.attestors, progress)
  // Kyverno keeps the complaints of earlier sets, although those held.
  const earlier: Failure[] = []
  const sets: readonly AttestorSet[] = attestation.attestors?.length ? attestation.attestors : [{ entries: [{}] }]
  for (const [j, set] of sets.entries()) {
    const place = { shown: `.${path}.attestors[${j}]`, real: `${path}.attestors[${j}]` }
    const result = await evaluateSet(evaluation, set, place, progress)
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

interface HeldEntry {
  readonly evidence: readonly Evidence[]
}

/** As for signatures, except that several keys in one field are one entry, of which only the first key counts. */
function evaluateSet(
  evaluation: AttestationEvaluation,
  set: AttestorSet,
  place: AttestorPlace,
  progress: Progress,
): Promise<SetResult<HeldEntry>> {
  return evaluateAttestorSet<HeldEntry>(
    {
      set,
      place,
      depth: 0,
      entries: (set.entries ?? []).map((entry, position) => ({ entry, position })),
      evaluateEntry: (entry, position) => {
        // Kyverno prints the number of the attestation where that of the entry belongs.
        const at = { shown: `${place.shown}.entries[${evaluation.index}]`, real: `${place.real}.entries[${position}]` }
        return evaluateEntry(evaluation, entry, at, progress)
      },
    },
    evaluation,
  )
}

/**
 * Evaluates one attestor of an attestation.
 *
 * A nested set is an attestor like any other. Kyverno does not look into it and takes anyone; so what it would refuse is
 * refused, and what it would take is held against the set as well. An attestor that names nobody never holds.
 */
async function evaluateEntry(
  evaluation: AttestationEvaluation,
  entry: AttestorEntry,
  place: AttestorPlace,
  progress: Progress,
): Promise<Outcome<HeldEntry>> {
  if (entry.attestor === undefined) return evaluateNamedAttestor(evaluation, entry, place, progress)
  const open = await evaluateAnySigner(evaluation, place, progress)
  return open.kind === 'accepted' ? evaluateNestedSet(evaluation, entry.attestor, place, progress, 1) : open
}

/** Evaluates the statements of anyone, as Kyverno does. None of them becomes visible under a name. */
async function evaluateAnySigner(
  evaluation: AttestationEvaluation,
  place: AttestorPlace,
  progress: Progress,
): Promise<Outcome<HeldEntry>> {
  const trial = copyOf(progress)
  const outcome = await evaluateAttestor(evaluation, {}, place, trial)
  progress.image = trial.image
  return outcome
}

/** Evaluates an attestor or a nested set, whose statements become visible under their name only if it counts. */
async function keepIfAccepted(
  progress: Progress,
  evaluate: (trial: Progress) => Promise<Outcome<HeldEntry>>,
): Promise<Outcome<HeldEntry>> {
  const trial = copyOf(progress)
  const outcome = await evaluate(trial)
  progress.image = trial.image
  if (outcome.kind !== 'accepted') return outcome
  for (const [name, statement] of trial.visible) progress.visible.set(name, statement)
  for (const [name, statements] of trial.named) progress.named.set(name, statements)
  return outcome
}

function copyOf({ image, evidence, visible, named }: Progress): Progress {
  return { image, evidence: [...evidence], visible: new Map(visible), named: new Map(named) }
}

/** Evaluates one attestor, and refuses one without an identity whatever it accepted. */
function evaluateNamedAttestor(
  evaluation: AttestationEvaluation,
  entry: AttestorEntry,
  place: AttestorPlace,
  progress: Progress,
): Promise<Outcome<HeldEntry>> {
  return keepIfAccepted(progress, async (trial) => {
    const outcome = await evaluateAttestor(evaluation, entry, place, trial)
    return outcome.kind === 'accepted' ? requireNamed(evaluation, entry, place, outcome) : outcome
  })
}

function requireNamed(
  evaluation: AttestationEvaluation,
  entry: AttestorEntry,
  place: AttestorPlace,
  held: Outcome<HeldEntry>,
): Outcome<HeldEntry> {
  try {
    requireNamedSigner(attestorOptions(evaluation.verification, entry, 'attestation'))
    return held
  } catch (error) {
    return refusalOf(failureIn({ kind: 'attestor-entry', path: place.shown }, failureAt(error, place, evaluation)))
  }
}

/**
 * Evaluates an attestation without attestors by those of its entry.
 *
 * Kyverno takes the statements of anyone; so what it would refuse is refused, and what it would take must satisfy every
 * set of the entry as well.
 */
async function evaluateInherited(
  evaluation: AttestationEvaluation,
  sets: readonly AttestorSet[],
  progress: Progress,
): Promise<Refusal | undefined> {
  const { index } = evaluation
  const refused = ({ kind, failure }: Refusal): Refusal => {
    const step = { kind: 'attestor-verify-attestation', verifiedCount: 0, requiredCount: 1 } as const
    return { kind, failure: { kind: 'step', step, failures: [failure] } }
  }
  const shown = `.attestations[${index}].attestors[0].entries[${index}]`
  const open = await evaluateAnySigner(evaluation, { shown, real: `attestations[${index}]` }, progress)
  if (open.kind !== 'accepted') return refused(open)
  for (const [i, set] of sets.entries()) {
    const place = { shown: `.attestors[${i}]`, real: `attestors[${i}]` }
    const outcome = await evaluateStricterSet(evaluation, set, place, progress, 0)
    if (outcome.kind !== 'accepted') return refused(outcome)
    progress.evidence.push(...outcome.evidence)
  }
  return undefined
}

async function evaluateNestedSet(
  evaluation: AttestationEvaluation,
  value: Json,
  place: AttestorPlace,
  progress: Progress,
  depth: number,
): Promise<Outcome<HeldEntry>> {
  const decoded = decode(value, place, evaluation)
  if ('refusal' in decoded) return decoded.refusal
  const inside = { shown: `${place.shown}.attestor`, real: `${place.real}.attestor` }
  return keepIfAccepted(progress, (trial) => evaluateStricterSet(evaluation, decoded.set, inside, trial, depth))
}

/** Evaluates a set that Kyverno does not evaluate for attestations. */
async function evaluateStricterSet(
  evaluation: AttestationEvaluation,
  set: AttestorSet,
  inside: AttestorPlace,
  progress: Progress,
  depth: number,
): Promise<Outcome<HeldEntry>> {
  const result = await evaluateAttestorSet<HeldEntry>(
    {
      set,
      place: inside,
      depth,
      entries: expandKeys(set.entries ?? []),
      evaluateEntry: (entry, position, index) => {
        const at = { shown: `${inside.shown}.entries[${index}]`, real: `${inside.real}.entries[${position}]` }
        return entry.attestor === undefined
          ? evaluateNamedAttestor(evaluation, entry, at, progress)
          : evaluateNestedSet(evaluation, entry.attestor, at, progress, depth + 1)
      },
    },
    evaluation,
  )
  if (result.kind === 'accepted') return { kind: 'accepted', evidence: result.held.flatMap(({ evidence }) => evidence) }
  const failure: Failure = { kind: 'step', step: { kind: 'attestor-set' }, failures: result.failures }
  return { kind: result.kind, failure: onlyOurs(failure) }
}

function decode(
  value: Json,
  place: AttestorPlace,
  evaluation: AttestationEvaluation,
): { readonly set: AttestorSet } | { readonly refusal: Refusal } {
  try {
    return { set: decodeNestedSet(value, place.shown) }
  } catch (error) {
    const step = { kind: 'attestor-entry', path: place.shown } as const
    return { refusal: refusalOf(failureIn(step, failureAt(error, place, evaluation))) }
  }
}

/** Marks every reason as one where Kyverno, which does not look into the set, goes on. */
function onlyOurs(failure: Failure): Failure {
  if (failure.kind === 'reason') return { ...failure, reason: { ...failure.reason, difference: 'S8' } }
  const [first, ...rest] = failure.failures
  return { ...failure, failures: [onlyOurs(first), ...rest.map(onlyOurs)] }
}

async function evaluateAttestor(
  evaluation: AttestationEvaluation,
  entry: AttestorEntry,
  place: AttestorPlace,
  progress: Progress,
): Promise<Outcome<HeldEntry>> {
  const { verification, run, attestation } = evaluation
  const attestor = attestorOptions(verification, entry, 'attestation')
  const predicateType = typeOf(attestation)
  let statements: readonly VerifiedStatement[]
  try {
    const outcome = await verifierOf(evaluation).verifyAttestations(
      { image: progress.image, attestor, path: place.real, predicateType },
      run,
    )
    if (outcome.kind !== 'accepted') return outcome
    statements = outcome.statements.filter(({ statement }) => statement.type === predicateType)
    const predicates = outcome.statements.map(({ statement }) => statement.predicate)
    requirePredicate([...predicates, ...(outcome.otherPredicates ?? [])])
    if (outcome.digest !== undefined) progress.image = byDigest({ ...progress.image, digest: outcome.digest })
  } catch (error) {
    return refusalOf(failureAt(error, place, evaluation))
  }
  // A name stands for a statement of the requested type, never for one of another type. One whose predicate is no object
  // goes first: Kyverno passes over it, and it must not be hidden behind another.
  const shown = statements.map(({ statement }) => statement)
  const first = shown.find(({ predicate }) => !isPredicateObject(predicate)) ?? shown[0]
  const visible = new Map(progress.visible)
  if (attestation.name && first !== undefined) visible.set(attestation.name, first)
  try {
    await requireConditions(evaluation, statements, progress.image, visible)
  } catch (error) {
    return refusalOf(failureIn(attestorStep(place, verification, attestor), failureAt(error, place, evaluation)))
  }
  if (attestation.name && first !== undefined) {
    progress.visible.set(attestation.name, first)
    const others = otherPredicates(first, [...shown, ...(progress.named.get(attestation.name) ?? [])])
    progress.named.set(attestation.name, [first, ...others])
  }
  return { kind: 'accepted', evidence: statements.map(({ evidence }) => evidence) }
}

/** Returns one statement for each predicate that is not that of the first. */
function otherPredicates(
  first: Verified<Statement>,
  statements: readonly Verified<Statement>[],
): readonly Verified<Statement>[] {
  const byPredicate = new Map(statements.map((statement) => [fingerprintOf(statement), statement] as const))
  byPredicate.delete(fingerprintOf(first))
  return [...byPredicate.values()]
}

function fingerprintOf({ predicate }: Statement): string {
  return predicate instanceof HeldPredicate ? predicate.fingerprint : JSON.stringify(predicate)
}

function requirePredicate(predicates: readonly Predicate[]): void {
  if (predicates.some(isPredicateObject)) return
  throw new CheckError('ATTESTOR_STATEMENT_MISSING', 'no statement has an object for its predicate', {
    detail: { kind: 'attestor-predicate-missing' },
  })
}

async function requireConditions(
  { attestation, judge }: AttestationEvaluation,
  statements: readonly VerifiedStatement[],
  image: ImageSubject,
  named: ReadonlyMap<string, Verified<Statement>>,
): Promise<void> {
  const type = typeOf(attestation)
  if (statements.length === 0) {
    throw new CheckError('ATTESTOR_STATEMENT_MISSING', 'there is no statement of the wanted type', {
      detail: { kind: 'attestor-statement-missing', predicateType: type },
      expected: type,
    })
  }
  for (const { statement, evidence } of statements) {
    if (!isPredicateObject(statement.predicate) && attestation.conditions?.length) {
      const problem = 'the predicate is no object'
      throw new CheckError('ATTESTOR_CONDITION_NOT_MET', `a statement does not satisfy the conditions: ${problem}`, {
        detail: { kind: 'attestor-conditions-not-evaluated', problem },
        candidate: evidence.artifact,
      })
    }
    const own = attestation.name ? new Map([...named, [attestation.name, statement] as const]) : named
    const verdict = await judge(attestation, statement, own)
    if ('failure' in verdict) {
      throw new CheckError(
        'ATTESTOR_CONDITION_FAILED',
        `the conditions could not be evaluated: ${verdict.failure.message}`,
        {
          detail: { kind: 'attestor-conditions-not-evaluated', problem: verdict.failure.message },
          candidate: evidence.artifact,
          ...strictness(verdict.failure.reason),
        },
      )
    }
    if (verdict.holds) continue
    throw new CheckError('ATTESTOR_CONDITION_NOT_MET', 'a statement does not satisfy the conditions', {
      detail: {
        kind: 'attestor-conditions-not-met',
        image: image.reference,
        predicateType: type,
        problem: verdict.message,
      },
      candidate: evidence.artifact,
      ...(verdict.expected !== undefined && { expected: verdict.expected }),
      ...(verdict.actual !== undefined && { actual: verdict.actual }),
      ...strictness(verdict),
    })
  }
}

function strictness({ difference }: { readonly difference?: DifferenceRow }): { readonly difference?: DifferenceRow } {
  return difference === undefined ? {} : { difference }
}

function typeOf({ type, predicateType }: Attestation): string {
  return type || predicateType || ''
}

/** An image whose digest is known is named by it. */
function byDigest(image: ImageSubject): ImageSubject {
  return image.digest === undefined ? image : { ...image, reference: `${image.repository}@${image.digest}` }
}
