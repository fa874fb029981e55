import { CheckError, type Failure, type Outcome, type Refusal } from '@verify-images/primitives'
import type { AttestorEntry, AttestorSet } from '@verify-images/policy-parser'
import { MAX_ATTESTOR_DEPTH, MAX_SET_ENTRIES } from '../limits.ts'
import type { Evidence } from '../outcome.ts'
import { countDistinctSigners } from './distinct-signers.ts'
import { type AttestorPlace, type EntryEvaluation, failureAt, failureIn, withDifference } from './evaluation.ts'
import { expandKeys, type PlacedEntry } from './expand-keys.ts'

/** One attestor set, and how its entries are evaluated. */
interface AttestorSetTask<Held> {
  readonly set: AttestorSet
  readonly place: AttestorPlace
  /** How many sets this one is nested in. */
  readonly depth: number
  readonly entries: readonly PlacedEntry[]
  /** Evaluates one entry; `index` counts as Kyverno does. */
  evaluateEntry(entry: AttestorEntry, position: number, index: number): Promise<Outcome<Held>>
  /**
   * Whether an entry that could not be checked might have had a statement that denies the image. Then it leaves the set
   * inconclusive, also where other entries complete the count.
   */
  readonly unreadMayDeny: boolean
}

export type AttestorSetResult<Held> =
  | {
      readonly kind: 'accepted'
      readonly held: readonly [Held, ...Held[]]
      /** Of the entries that were not accepted and not needed. */
      readonly failures: readonly Failure[]
    }
  | {
      readonly kind: 'rejected' | 'inconclusive'
      /** The number of accepted entries, which may share a signer, and the required number. */
      readonly verifiedCount: number
      readonly requiredCount: number
      readonly failures: readonly [Failure, ...Failure[]]
    }

/**
 * Decides k of n: the one place where entries of an attestor set are counted, for signatures, attestations and nested
 * sets alike.
 *
 * Entries are evaluated in order, and the first that complete the count end it, as in Kyverno. One signer never counts
 * for two entries.
 */
export async function evaluateAttestorSet<Held extends { readonly evidence: readonly Evidence[] }>(
  { set, place, depth, entries, evaluateEntry, unreadMayDeny }: AttestorSetTask<Held>,
  evaluation: EntryEvaluation,
): Promise<AttestorSetResult<Held>> {
  const required = requiredCount(set, entries.length)
  const refuse = (error: CheckError): Failure =>
    failureIn({ kind: 'attestor-entry', path: place.shown }, failureAt(error, place, evaluation))
  if (required === undefined || entries.length > MAX_SET_ENTRIES || depth > MAX_ATTESTOR_DEPTH) {
    const error = required === undefined ? unsatisfiable() : overLimit(entries.length, depth)
    const kind = error.inconclusive ? 'inconclusive' : 'rejected'
    return { kind, verifiedCount: 0, requiredCount: required ?? 0, failures: [refuse(error)] }
  }
  const held: Held[] = []
  const failures: Failure[] = []
  /** Of the entries that could not be checked. */
  const unread: Failure[] = []
  let distinct = 0
  for (const [index, { entry, position }] of entries.entries()) {
    const outcome = await evaluateEntry(entry, position, index)
    if (outcome.kind !== 'accepted') {
      failures.push(outcome.failure)
      if (outcome.kind === 'inconclusive') unread.push(outcome.failure)
      continue
    }
    held.push(outcome)
    distinct = countDistinctSigners(held.map(({ evidence }) => evidence))
    const [first, ...rest] = held
    if (first === undefined || distinct < required) continue
    // Where statements may deny, those of the remaining entries count as well, independent of the order in the policy.
    if (!unreadMayDeny) return { kind: 'accepted', held: [first, ...rest], failures }
  }
  const [firstHeld, ...otherHeld] = held
  if (firstHeld !== undefined && distinct >= required) {
    const [firstUnread, ...otherUnread] = unread.map((failure) => withDifference(failure, 'deny-every-statement'))
    if (firstUnread === undefined) return { kind: 'accepted', held: [firstHeld, ...otherHeld], failures }
    return {
      kind: 'inconclusive',
      verifiedCount: held.length,
      requiredCount: required,
      failures: [firstUnread, ...otherUnread],
    }
  }
  if (held.length >= required) failures.push(refuse(duplicateSigner(required, distinct)))
  const [first = refuse(tooFewEntries(required, distinct)), ...rest] = failures
  return {
    kind: distinct + unread.length < required ? 'rejected' : 'inconclusive',
    verifiedCount: held.length,
    requiredCount: required,
    failures: [first, ...rest],
  }
}

/** A set whose keys are taken apart and whose entries have a place of their own: of signatures, or a nested one. */
export interface ExpandedSetTask<Held> {
  readonly set: AttestorSet
  readonly place: AttestorPlace
  readonly depth: number
  readonly unreadMayDeny: boolean
  evaluateEntry(entry: AttestorEntry, place: AttestorPlace): Promise<Outcome<Held>>
}

/** Evaluates a set in which each key is an entry. Returns what its entries held, or the failures in one step. */
export async function evaluateExpandedSet<Held extends { readonly evidence: readonly Evidence[] }>(
  { set, place, depth, unreadMayDeny, evaluateEntry }: ExpandedSetTask<Held>,
  evaluation: EntryEvaluation,
): Promise<{ readonly kind: 'accepted'; readonly held: readonly [Held, ...Held[]] } | Refusal> {
  const result = await evaluateAttestorSet<Held>(
    {
      set,
      place,
      depth,
      unreadMayDeny,
      entries: expandKeys(set.entries ?? []),
      evaluateEntry: (entry, position, index) =>
        evaluateEntry(entry, {
          shown: `${place.shown}.entries[${index}]`,
          real: `${place.real}.entries[${position}]`,
        }),
    },
    evaluation,
  )
  if (result.kind === 'accepted') return { kind: 'accepted', held: result.held }
  return { kind: result.kind, failure: { kind: 'step', step: { kind: 'attestor-set' }, failures: result.failures } }
}

/**
 * Returns how many entries of a set must be accepted: all of them if its `count` is absent or 0.
 *
 * @param entryCount the number of entries, after the keys of one field have become entries
 * @returns undefined when no number of entries satisfies the set: it is empty, or `count` is below 1 or not whole
 */
export function requiredCount({ count }: AttestorSet, entryCount: number): number | undefined {
  const required = count === undefined || count === 0 ? entryCount : count
  return Number.isSafeInteger(required) && required >= 1 && entryCount >= 1 ? required : undefined
}

function unsatisfiable(): CheckError {
  return new CheckError('ATTESTOR_SET_INVALID', 'no number of entries can satisfy the attestor set')
}

function overLimit(entryCount: number, depth: number): CheckError {
  return new CheckError('ATTESTOR_LIMIT_EXCEEDED', 'the attestor set has too many entries or is nested too deep', {
    expected: `at most ${MAX_SET_ENTRIES} entries, nested ${MAX_ATTESTOR_DEPTH} deep`,
    actual: `${entryCount} entries, nested ${depth} deep`,
  })
}

function duplicateSigner(required: number, distinct: number): CheckError {
  return new CheckError('ATTESTOR_DUPLICATE_SIGNER', 'one signer satisfies several entries of the attestor set', {
    expected: `${required} different signers`,
    actual: String(distinct),
    difference: 'S12',
  })
}

function tooFewEntries(required: number, distinct: number): CheckError {
  return new CheckError('ATTESTOR_SET_INVALID', 'the attestor set has fewer entries than its count', {
    expected: `${required} different signers`,
    actual: String(distinct),
    detail: { kind: 'attestor-too-few-signers' },
  })
}
