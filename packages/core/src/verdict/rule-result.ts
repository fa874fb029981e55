import type { Evidence, Reason } from '@verify-images/attestor-evaluator'

/** Kyverno's status of a rule response. */
export type RuleStatus = 'pass' | 'fail' | 'warn' | 'error' | 'skip'

/**
 * What a check came to, in our words: it held (or there was nothing to hold), it did not, or it could not be told.
 * Only `accepted` is a reason to run an image.
 */
export type RuleOutcome = 'accepted' | 'rejected' | 'inconclusive'

/** Kyverno evaluates a rule twice per request: first it verifies and patches, then it checks the patched object. */
export type Phase = 'mutate' | 'validate'

/** One rule response, as upstream has them: entry × matched image repeats. */
export interface RuleResult {
  readonly phase: Phase
  readonly policy: string
  /** Only for a namespaced `Policy`. */
  readonly policyNamespace?: string
  /** The computed name: rules for pod controllers are called `autogen-…`. */
  readonly rule: string
  readonly type: 'ImageVerify' | 'Validation' | 'Mutation'
  readonly status: RuleStatus
  readonly outcome: RuleOutcome
  /** Of the first reason, or of the step that ended the rule. Absent on a plain pass. */
  readonly code?: string
  /** Kyverno's text. */
  readonly message: string
  /** Kyverno's canonical form of the reference. */
  readonly image?: string
  readonly reasons: readonly Reason[]
  readonly evidence: readonly Evidence[]
  readonly exceptions?: readonly string[]
  readonly properties?: Readonly<Record<string, string>>
  /** Whether the row also becomes an admission warning. */
  readonly warn: boolean
}
