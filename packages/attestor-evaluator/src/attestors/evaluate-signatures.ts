import type { AttestorEntry, AttestorSet } from '@verify-images/policy-parser'
import { AttestorError } from '../attestor-error.ts'
import { attestorOptions } from '../attestor-options.ts'
import { MAX_ATTESTOR_DEPTH, MAX_SET_ENTRIES } from '../limits.ts'
import type { Evidence, Outcome, Reason } from '../outcome.ts'
import type { VerifiedSignature } from '../signature-verifier.ts'
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
 * Whether an image is signed as the `attestors` of an entry ask for: every set must hold.
 *
 * The text of a refusal is the whole message of Kyverno's rule.
 *
 * @see Kyverno, verifyImages: attestors
 */
export async function evaluateSignatures(evaluation: EntryEvaluation): Promise<Outcome<VerifiedSignature>> {
  const {
    image,
    verification: { attestors = [] },
  } = evaluation
  let digest: VerifiedSignature['digest'] | undefined
  const evidence: Evidence[] = []
  for (const [i, set] of attestors.entries()) {
    const outcome = await evaluateSet(evaluation, set, { shown: `.attestors[${i}]`, real: `attestors[${i}]`, depth: 0 })
    if ('failure' in outcome) {
      const { reasons, inconclusive, networkFault, upstreamText } = outcome.failure
      const text = `failed to verify image ${image.reference}: ${upstreamText}`
      return inconclusive
        ? { kind: 'inconclusive', upstreamText: text, networkFault, reasons }
        : { kind: 'rejected', upstreamText: text, reasons }
    }
    digest = outcome.digest
    evidence.push(...outcome.evidence)
  }
  const [first, ...rest] = evidence
  if (digest !== undefined && first !== undefined) return { kind: 'accepted', digest, evidence: [first, ...rest] }
  const nothing: Reason = {
    code: 'ATTESTOR_SET_INVALID',
    message: 'the policy names no attestors',
    path: 'attestors',
    image: image.reference,
  }
  return { kind: 'rejected', upstreamText: 'invalid response: nil', reasons: [nothing] }
}

interface SetPlace {
  /** As Kyverno counts, with keys taken apart. */
  readonly shown: string
  /** As the policy is written. */
  readonly real: string
  readonly depth: number
}

type EntryResult = VerifiedSignature | { readonly failure: EntryFailure }

/**
 * k of n. The first entries that suffice end it, as in Kyverno; one signer never counts for two entries.
 *
 * Entries that could not be told make a shortfall inconclusive only if they could have filled it, or if Kyverno would
 * answer with an error because of one of them.
 */
async function evaluateSet(evaluation: EntryEvaluation, set: AttestorSet, place: SetPlace): Promise<EntryResult> {
  const entries = expandKeys(set.entries ?? [])
  const required = requiredCount(set, entries.length)
  if (required === undefined || entries.length > MAX_SET_ENTRIES || place.depth > MAX_ATTESTOR_DEPTH) {
    const code = required === undefined ? 'ATTESTOR_SET_INVALID' : 'ATTESTOR_LIMIT_EXCEEDED'
    const message =
      required === undefined
        ? 'no number of entries can satisfy the attestor set'
        : 'the attestor set has too many or too deep entries'
    return { failure: failureOfError(new AttestorError(code, message), place.real, evaluation, `${place.shown}: `) }
  }
  const held: VerifiedSignature[] = []
  const failures: EntryFailure[] = []
  for (const [i, { entry, position }] of entries.entries()) {
    const at = { ...place, shown: `${place.shown}.entries[${i}]`, real: `${place.real}.entries[${position}]` }
    const result = await evaluateEntry(evaluation, entry, at)
    if ('failure' in result) {
      failures.push(result.failure)
      continue
    }
    held.push(result)
    if (held.length >= required && distinct(held) >= required)
      return { digest: result.digest, evidence: allEvidence(held, result) }
  }
  return { failure: shortfall(evaluation, place, { held, failures, required }) }
}

async function evaluateEntry(evaluation: EntryEvaluation, entry: AttestorEntry, place: SetPlace): Promise<EntryResult> {
  const { verification, image, run } = evaluation
  if (entry.attestor !== undefined) {
    try {
      const nested = decodeNestedSet(entry.attestor, place.shown)
      return await evaluateSet(evaluation, nested, {
        shown: `${place.shown}.attestor`,
        real: `${place.real}.attestor`,
        depth: place.depth + 1,
      })
    } catch (error) {
      return { failure: failureOfError(error, place.real, evaluation) }
    }
  }
  const attestor = attestorOptions(verification, entry, 'signature')
  const prefix = `${place.shown}${kindSuffix(verification, attestor)}: `
  try {
    const outcome = await verifierOf(evaluation).verifySignature({ image, attestor, path: place.real }, run)
    if (outcome.kind !== 'accepted') return { failure: failureOfOutcome(outcome, `${prefix}${outcome.upstreamText}`) }
    requireNamedSigner(attestor)
    return { digest: outcome.digest, evidence: outcome.evidence }
  } catch (error) {
    return { failure: failureOfError(error, place.real, evaluation, prefix) }
  }
}

function distinct(held: readonly VerifiedSignature[]): number {
  return countDistinctSigners(held.map(({ evidence }) => evidence))
}

function allEvidence(held: readonly VerifiedSignature[], last: VerifiedSignature): VerifiedSignature['evidence'] {
  const [first = last.evidence[0], ...rest] = held.flatMap(({ evidence }) => evidence)
  return [first, ...rest]
}

function shortfall(
  evaluation: EntryEvaluation,
  place: SetPlace,
  {
    held,
    failures,
    required,
  }: {
    readonly held: readonly VerifiedSignature[]
    readonly failures: readonly EntryFailure[]
    readonly required: number
  },
): EntryFailure {
  const counted = distinct(held)
  const all = [...failures]
  if (all.length === 0 || held.length >= required) {
    const message =
      held.length >= required
        ? 'one signer stands behind several entries of the set'
        : 'the set has fewer entries than must hold'
    all.push(
      failureOfError(
        new AttestorError(held.length >= required ? 'ATTESTOR_DUPLICATE_SIGNER' : 'ATTESTOR_SET_INVALID', message, {
          expected: `${required} different signers`,
          actual: String(counted),
          ...(held.length >= required && { difference: 'S12' }),
        }),
        place.real,
        evaluation,
        `${place.shown}: `,
      ),
    )
  }
  const [first, ...rest] = all.flatMap(({ reasons }) => reasons)
  const networkFault = failures.some((failure) => failure.networkFault)
  return {
    upstreamText: all.map(({ upstreamText }) => upstreamText).join('; '),
    reasons: [first ?? { code: 'ATTESTOR_SET_INVALID', message: 'the set does not hold' }, ...rest],
    networkFault,
    inconclusive:
      networkFault ||
      (failures.some(({ inconclusive }) => inconclusive) &&
        counted + failures.filter(({ inconclusive }) => inconclusive).length >= required),
  }
}
