import type { Evidence, Reason } from '@verify-images/attestor-evaluator'
import { reasonsOf, type DifferenceRow, type Failure, type Refusal } from '@verify-images/primitives'
import type { RuleStatus } from '../verdict/rule-result.ts'

/** The steps of a rule that can fail before any image has an answer. */
export type RuleStep = 'labels' | 'roles' | 'images' | 'preconditions' | 'variables' | 'credentials' | 'evaluation'

/** What was verified of an image: signatures, attestations, or also what the rule says under `validate`. */
export type VerifiedPart =
  | { readonly kind: 'signatures' }
  | { readonly kind: 'attestations'; readonly image: string }
  | { readonly kind: 'validation' }

/** A `validate.deny` whose conditions hold, or could not be evaluated. */
export interface Denial {
  readonly kind: 'conditions-hold' | 'conditions-failed'
  /** The policy's own message; empty if it has none. */
  readonly message: string
  readonly reason: Reason
  /** Whether attested data lack what the conditions ask for, so that asking again would give the same answer. */
  readonly isFinal?: boolean
}

/**
 * What Kyverno says where we say something else: its status, or `nothing` if it has no row.
 *
 * `difference` is the row of docs/differences.md, for reasons that do not name another.
 */
export interface Divergence {
  readonly kyverno: RuleStatus | 'nothing'
  readonly difference: DifferenceRow | undefined
}

/** One result of a rule, as data. `kyverno/present-finding.ts` turns it into Kyverno's row. */
export type RuleFinding = RefusingFinding | NeutralFinding

/** A finding that does not admit. */
export type RefusingFinding = {
  /** Set where only we refuse. */
  readonly divergence?: Divergence
  /** The entry of `verifyImages` that was evaluated; absent if the rule as a whole is concerned. */
  readonly entry?: number
} & (
  | { readonly kind: 'rule-not-evaluated'; readonly step: RuleStep; readonly reason: Reason }
  | { readonly kind: 'image-refused'; readonly image: string; readonly outcome: Refusal }
  | { readonly kind: 'image-denied'; readonly image: string; readonly denial: Denial }
  | { readonly kind: 'digest-unresolved'; readonly image: string; readonly reason: Reason; readonly cause: Failure }
  | {
      readonly kind: 'digest-missing' | 'image-unverified'
      readonly image: string
      readonly reason: Reason
      /** Whether all that kept the mutating phase from accepting were checks that could not be made. */
      readonly inconclusive: boolean
    }
)

export type NeutralFinding =
  | { readonly kind: 'preconditions-not-met'; readonly message: string }
  | { readonly kind: 'exempted'; readonly exceptions: readonly string[] }
  | { readonly kind: 'image-skipped'; readonly image: string; readonly byName: boolean }
  | { readonly kind: 'image-pinned'; readonly image: string }
  | {
      readonly kind: 'image-verified'
      readonly image: string
      readonly verified: VerifiedPart
      readonly evidence: readonly Evidence[]
    }
  | {
      readonly kind: 'images-checked'
      /** `skip` if all required images are recorded as skipped. */
      readonly status: 'pass' | 'skip'
      readonly skipped: readonly string[]
    }

/** All results of one rule in one phase. */
export interface RuleFindings {
  /** The name of the rule, with its variables substituted if it came that far. */
  readonly rule: string
  /** Its `reportProperties`. */
  readonly properties?: Readonly<Record<string, string>>
  readonly findings: readonly RuleFinding[]
  /** Why it is unknown whether the rule applies. */
  readonly unknown?: Reason
}

export function isRefusing(finding: RuleFinding): finding is RefusingFinding {
  switch (finding.kind) {
    case 'rule-not-evaluated':
    case 'image-refused':
    case 'image-denied':
    case 'digest-unresolved':
    case 'digest-missing':
    case 'image-unverified':
      return true
    default:
      return false
  }
}

/** Returns the finding as one that only we have. A reason that already names a difference keeps it. */
export function onlyOurs<F extends RefusingFinding>(finding: F, divergence: Divergence): F {
  const difference = finding.divergence?.difference ?? divergence.difference
  return { ...finding, divergence: { ...divergence, difference } }
}

/** Returns the reasons of a finding, each with its row of docs/differences.md where only we refuse. */
export function reasonsOfFinding(finding: RefusingFinding): readonly Reason[] {
  const difference = finding.divergence?.difference
  return plainReasons(finding).map((reason) => (difference === undefined ? reason : { difference, ...reason }))
}

function plainReasons(finding: RefusingFinding): readonly Reason[] {
  switch (finding.kind) {
    case 'image-refused':
      return reasonsOf(finding.outcome.failure)
    case 'image-denied':
      return [{ ...finding.denial.reason, image: finding.image }]
    case 'rule-not-evaluated':
    case 'digest-unresolved':
    case 'digest-missing':
    case 'image-unverified':
      return [finding.reason]
  }
}
