import type { Attestation, AttestorEntry, AttestorSet } from '@verify-images/policy-parser'
import { type Digest, isJsonObject, type Json, type JsonObject } from '@verify-images/primitives'
import { AttestorError } from '../attestor-error.ts'
import { attestorOptions } from '../attestor-options.ts'
import { MAX_ATTESTOR_DEPTH, MAX_SET_ENTRIES } from '../limits.ts'
import type { Evidence, Outcome, Reason } from '../outcome.ts'
import type { ImageSubject } from '../ports.ts'
import type { VerifiedStatement } from '../signature-verifier.ts'
import { decodeNestedSet } from './decode-nested-set.ts'
import { countDistinctSigners } from './distinct-signers.ts'
import {
  type EntryEvaluation,
  type EntryFailure,
  failureOfError,
  failureOfOutcome,
  kindSuffix,
  verifierOf,
} from './evaluation.ts'
import { expandKeys } from './expand-keys.ts'
import { requireNamedSigner } from './names-someone.ts'
import { requiredCount } from './required-count.ts'

/**
 * Whether a verified statement satisfies the conditions of an attestation. `named` has the predicates of this attestation and
 * of those before it, by the names of the attestations.
 */
export type StatementJudge = (
  attestation: Attestation,
  statement: JsonObject,
  predicate: Json,
  named: ReadonlyMap<string, Json>,
) => Promise<StatementVerdict>

export type StatementVerdict =
  | { readonly holds: true }
  /** `difference` where Kyverno would have it that they hold: the row of docs/differences.md. */
  | { readonly holds: false; readonly message: string; readonly difference?: string }
  /** The conditions could not be evaluated. */
  | { readonly failure: { readonly message: string; readonly reason: Reason } }

export interface VerifiedAttestationSets {
  readonly evidence: readonly Evidence[]
  /** The image as Kyverno names it by now: by digest, once a digest is known to it. */
  readonly image: string
  /** What all statements are about. */
  readonly digest?: Digest
  /** Of each named attestation the predicate that deny conditions see. */
  readonly predicates: ReadonlyMap<string, Json>
}

/**
 * Whether an image is attested as the `attestations` of an entry ask for: each of them, by every one of its attestor
 * sets, and every statement of the type must satisfy the conditions.
 *
 * The text of a refusal is the whole message of Kyverno's rule.
 *
 * @see Kyverno, verifyImages: attestations
 */
export async function evaluateAttestations(
  evaluation: EntryEvaluation,
  judge: StatementJudge,
): Promise<Outcome<VerifiedAttestationSets>> {
  const attestations = evaluation.verification.attestations ?? []
  if (attestations.length === 0) {
    // Kyverno never asks here for none. All of nothing would hold of every image.
    const message = 'the policy names no attestations'
    return {
      kind: 'rejected',
      upstreamText: message,
      reasons: [{ code: 'ATTESTOR_SET_INVALID', message, path: 'attestations', image: evaluation.image.reference }],
    }
  }
  const progress: Progress = { image: byDigest(evaluation.image), evidence: [], predicates: new Map() }
  for (const [i, attestation] of attestations.entries()) {
    const refused = await evaluateAttestation({ ...evaluation, judge, attestation, index: i }, progress)
    if (refused !== undefined) return refused
  }
  const { image, evidence, predicates } = progress
  const digest = evidence[0]?.signedDigest
  return { kind: 'accepted', image: image.reference, evidence, predicates, ...(digest !== undefined && { digest }) }
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
  readonly predicates: Map<string, Json>
}

type Refused = Exclude<Outcome<unknown>, { kind: 'accepted' }>

async function evaluateAttestation(
  evaluation: AttestationEvaluation,
  progress: Progress,
): Promise<Refused | undefined> {
  const { attestation, index } = evaluation
  const path = `attestations[${index}]`
  if (!typeOf(attestation)) {
    const reason = {
      code: 'ATTESTOR_POLICY_INVALID',
      message: 'the attestation names no type',
      path,
      image: progress.image.reference,
    }
    return { kind: 'rejected', upstreamText: `.${path}: missing type`, reasons: [reason] }
  }
  // Kyverno keeps the complaints of earlier sets, although those held.
  const failures: EntryFailure[] = []
  const sets: readonly AttestorSet[] = attestation.attestors?.length ? attestation.attestors : [{ entries: [{}] }]
  for (const [j, set] of sets.entries()) {
    const refused = await evaluateSet(
      evaluation,
      set,
      { shown: `.${path}.attestors[${j}]`, real: `${path}.attestors[${j}]` },
      progress,
      failures,
    )
    if (refused !== undefined) return refused
  }
  return undefined
}

interface Place {
  readonly shown: string
  readonly real: string
}

interface HeldEntry {
  readonly evidence: readonly Evidence[]
}

/** As for signatures, except that several keys in one field are one entry, of which only the first key counts. */
async function evaluateSet(
  evaluation: AttestationEvaluation,
  set: AttestorSet,
  place: Place,
  progress: Progress,
  failures: EntryFailure[],
): Promise<Refused | undefined> {
  const entries = set.entries ?? []
  const required = requiredCount(set, entries.length)
  const held: HeldEntry[] = []
  if (required === undefined || entries.length > MAX_SET_ENTRIES) {
    failures.push(
      failureOfError(
        new AttestorError('ATTESTOR_SET_INVALID', 'no number of entries can satisfy the attestor set'),
        place.real,
        evaluation,
      ),
    )
  } else {
    for (const [k, entry] of entries.entries()) {
      // Kyverno prints the attestation's number where the entry's belongs.
      const at = { shown: `${place.shown}.entries[${evaluation.index}]`, real: `${place.real}.entries[${k}]` }
      const result = await evaluateEntry(evaluation, entry, at, progress, 0)
      if ('failure' in result) {
        failures.push(result.failure)
        continue
      }
      held.push(result)
      if (held.length < required || countDistinctSigners(held.map(({ evidence }) => evidence)) < required) continue
      progress.evidence.push(...held.flatMap(({ evidence }) => evidence))
      return undefined
    }
    if (held.length >= required) {
      failures.push(
        failureOfError(
          new AttestorError('ATTESTOR_DUPLICATE_SIGNER', 'one signer stands behind several entries of the set', {
            expected: `${required} different signers`,
            difference: 'S12',
          }),
          place.real,
          evaluation,
        ),
      )
    }
  }
  return refuse(failures, held.length, required ?? 0)
}

/** Faults of the network are no errors here, as in Kyverno. */
function refuse(failures: readonly EntryFailure[], verified: number, required: number): Refused {
  const text = failures.map(({ upstreamText }) => upstreamText).join('; ') || 'attestations verification failed'
  const upstreamText = `image attestations verification failed, verifiedCount: ${verified}, requiredCount: ${required}, error: ${text}`
  const [first = { code: 'ATTESTOR_SET_INVALID', message: 'the set has fewer entries than must hold' }, ...rest] =
    failures.flatMap(({ reasons }) => reasons)
  const doubtful = failures.filter(({ inconclusive }) => inconclusive).length
  if (doubtful > 0 && verified + doubtful >= required)
    return { kind: 'inconclusive', upstreamText, networkFault: false, reasons: [first, ...rest] }
  return { kind: 'rejected', upstreamText, reasons: [first, ...rest] }
}

type EntryResult = HeldEntry | { readonly failure: EntryFailure }

/**
 * One attestor of an attestation.
 *
 * A nested set is an attestor like any other. Kyverno does not look into it and takes anyone; so what it would refuse is
 * refused, and what it would take is held against the set as well. An attestor that names nobody never holds.
 */
async function evaluateEntry(
  evaluation: AttestationEvaluation,
  entry: AttestorEntry,
  place: Place,
  progress: Progress,
  depth: number,
): Promise<EntryResult> {
  const nested = entry.attestor
  const open = await evaluatePlainEntry(evaluation, nested === undefined ? entry : {}, place, progress)
  if ('failure' in open) return open
  try {
    if (nested !== undefined) return await evaluateNestedSet(evaluation, nested, place, progress, depth + 1)
    requireNamedSigner(attestorOptions(evaluation.verification, entry, 'attestation'))
    return open
  } catch (error) {
    return { failure: failureOfError(error, place.real, evaluation, `${place.shown}: `) }
  }
}

async function evaluateNestedSet(
  evaluation: AttestationEvaluation,
  value: Json,
  place: Place,
  progress: Progress,
  depth: number,
): Promise<EntryResult> {
  const set = decodeNestedSet(value, place.shown)
  const entries = expandKeys(set.entries ?? [])
  const required = requiredCount(set, entries.length)
  if (required === undefined || entries.length > MAX_SET_ENTRIES || depth > MAX_ATTESTOR_DEPTH) {
    throw new AttestorError('ATTESTOR_SET_INVALID', 'no number of entries can satisfy the nested attestor set', {
      difference: 'S8',
    })
  }
  const held: HeldEntry[] = []
  const failures: EntryFailure[] = []
  for (const [k, { entry, position }] of entries.entries()) {
    const at = { shown: `${place.shown}.attestor.entries[${k}]`, real: `${place.real}.attestor.entries[${position}]` }
    const inner = entry.attestor
    const result =
      inner === undefined
        ? await namedEntry(evaluation, entry, at, progress)
        : await evaluateNestedSet(evaluation, inner, at, progress, depth + 1)
    if ('failure' in result) failures.push(result.failure)
    else held.push(result)
    if (countDistinctSigners(held.map(({ evidence }) => evidence)) >= required)
      return { evidence: held.flatMap(({ evidence }) => evidence) }
  }
  const [
    first = {
      code: 'ATTESTOR_DUPLICATE_SIGNER',
      message: 'one signer stands behind several entries of the nested set',
    },
    ...rest
  ] = failures.flatMap(({ reasons }) => reasons).map((reason) => ({ ...reason, difference: 'S8' }))
  return {
    failure: {
      upstreamText:
        failures.map(({ upstreamText }) => upstreamText).join('; ') || `${place.shown}.attestor: ${first.message}`,
      reasons: [first, ...rest],
      inconclusive: failures.some(({ inconclusive }) => inconclusive),
      networkFault: false,
    },
  }
}

async function namedEntry(
  evaluation: AttestationEvaluation,
  entry: AttestorEntry,
  place: Place,
  progress: Progress,
): Promise<EntryResult> {
  const result = await evaluatePlainEntry(evaluation, entry, place, progress)
  if (!('failure' in result)) requireNamedSigner(attestorOptions(evaluation.verification, entry, 'attestation'))
  return result
}

async function evaluatePlainEntry(
  evaluation: AttestationEvaluation,
  entry: AttestorEntry,
  place: Place,
  progress: Progress,
): Promise<EntryResult> {
  const { verification, run, attestation } = evaluation
  const attestor = attestorOptions(verification, entry, 'attestation')
  const predicateType = typeOf(attestation)
  let statements: readonly VerifiedStatement[]
  try {
    const outcome = await verifierOf(evaluation).verifyAttestations(
      { image: progress.image, attestor, path: place.real, predicateType },
      run,
    )
    if (outcome.kind !== 'accepted') return { failure: failureOfOutcome(outcome, outcome.upstreamText) }
    ;({ statements } = outcome)
    requirePredicate(statements)
    if (outcome.digest !== undefined) progress.image = byDigest({ ...progress.image, digest: outcome.digest })
  } catch (error) {
    return { failure: failureOfError(error, place.real, evaluation) }
  }
  const ofType = statements.filter(({ type }) => type === predicateType)
  // A name stands for a predicate that was asked for and verified, never for one of another type.
  const visible = ofType.find(({ predicate }) => isJsonObject(predicate))
  const named =
    attestation.name && visible !== undefined
      ? [...progress.predicates, [attestation.name, visible.predicate] as const]
      : progress.predicates
  try {
    await requireConditions(evaluation, ofType, progress.image, new Map(named))
  } catch (error) {
    return {
      failure: failureOfError(error, place.real, evaluation, `${place.shown}${kindSuffix(verification, attestor)}: `),
    }
  }
  if (attestation.name && visible !== undefined) progress.predicates.set(attestation.name, visible.predicate)
  return { evidence: ofType.map(({ evidence }) => evidence) }
}

function requirePredicate(statements: readonly VerifiedStatement[]): void {
  if (statements.some(({ predicate }) => isJsonObject(predicate))) return
  throw new AttestorError('ATTESTOR_STATEMENT_MISSING', 'no statement has an object for its predicate', {
    upstreamText: 'predicate not found in any statement',
  })
}

async function requireConditions(
  { attestation, judge }: AttestationEvaluation,
  statements: readonly VerifiedStatement[],
  image: ImageSubject,
  named: ReadonlyMap<string, Json>,
): Promise<void> {
  const type = typeOf(attestation)
  if (statements.length === 0) {
    throw new AttestorError('ATTESTOR_STATEMENT_MISSING', 'there is no statement of the wanted type', {
      upstreamText: `attestions not found for predicate type ${type}`,
      expected: type,
    })
  }
  for (const { statement, predicate, evidence } of statements) {
    const verdict = await judge(attestation, statement, predicate, named)
    if ('failure' in verdict) {
      throw new AttestorError(
        'ATTESTOR_CONDITION_FAILED',
        `the conditions could not be evaluated: ${verdict.failure.message}`,
        {
          upstreamText: `failed to check attestations: ${verdict.failure.message}`,
          candidate: evidence.artifact,
          ...strictness(verdict.failure.reason),
        },
      )
    }
    if (verdict.holds) continue
    throw new AttestorError('ATTESTOR_CONDITION_NOT_MET', 'a statement does not satisfy the conditions', {
      upstreamText: `attestation checks failed for ${image.reference} and predicate ${type}: ${verdict.message}`,
      candidate: evidence.artifact,
      ...strictness(verdict),
    })
  }
}

function strictness({ difference }: { readonly difference?: string }): { readonly difference?: string } {
  return difference === undefined ? {} : { difference }
}

function typeOf({ type, predicateType }: Attestation): string {
  return type || predicateType || ''
}

/** An image whose digest is known is named by it. */
function byDigest(image: ImageSubject): ImageSubject {
  return image.digest === undefined ? image : { ...image, reference: `${image.repository}@${image.digest}` }
}
