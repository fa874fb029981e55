import type { Evidence, Reason } from '@verify-images/attestor-evaluator'
import type { ReasonCode } from '@verify-images/primitives'

/** Returns the unique name of a policy: `<namespace>/<name>`, or `<name>` for a ClusterPolicy. */
export function policyKey({ namespace, name }: PolicyName): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

interface PolicyName {
  readonly namespace?: string | undefined
  readonly name: string
}

/** Kyverno's status of a rule response. */
export type RuleStatus = 'pass' | 'fail' | 'warn' | 'error' | 'skip'

/**
 * Our outcome of a check: it held (or there was nothing to check), it did not hold, or it could not be made. Only
 * `accepted` admits an image.
 */
export type RuleOutcome = 'accepted' | 'rejected' | 'inconclusive'

/** Kyverno evaluates a rule twice per request: it verifies and patches, then it checks the patched object. */
export type Phase = 'mutate' | 'validate'

/** A reason with everything that finds its place: policy, rule, image, and the line in the file of the policy. */
export interface RuleReason extends Reason {
  /** `<name>`, or `<namespace>/<name>`. */
  readonly policy: string
  readonly rule: string
  /** The `source` that was passed to `parsePolicies`. */
  readonly source?: string
  /** The line of `path`, or of the rule. */
  readonly line?: number
}

/** One rule response. As in Kyverno there is one for each entry and matching image, so rows repeat. */
export interface RuleResult {
  readonly phase: Phase
  readonly policy: string
  /** Set for a namespaced `Policy`. */
  readonly policyNamespace?: string
  /** The computed name: rules for Pod controllers are called `autogen-…`. */
  readonly rule: string
  /** The `source` that was passed to `parsePolicies`, and the line of the rule in it. */
  readonly source?: string
  readonly line?: number
  readonly type: 'ImageVerify' | 'Validation' | 'Mutation'
  readonly status: RuleStatus
  readonly outcome: RuleOutcome
  /** The code of the first reason, or of the step that ended the rule. Absent on a plain pass. */
  readonly code?: ReasonCode
  /** Kyverno's text; where that would be untrue here, Kyverno's frame with our cause. */
  readonly message: string
  /** Kyverno's canonical form of the reference. */
  readonly image?: string
  readonly reasons: readonly RuleReason[]
  readonly evidence: readonly Evidence[]
  readonly exceptions?: readonly string[]
  readonly properties?: Readonly<Record<string, string>>
  /** Whether the row also becomes an admission warning. */
  readonly warn: boolean
}
