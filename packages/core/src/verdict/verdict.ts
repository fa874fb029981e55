import type { Evidence, Reason } from '@verify-images/attestor-evaluator'
import type { JsonPatchOperation } from '../request/json-patch.ts'
import type { PolicyReport, ReportOptions } from './report.ts'

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

/** What is known of one image of the resource after all rules ran. */
export interface ImageResult {
  /** RFC 6901, where the image stands in the resource. */
  readonly pointer: string
  readonly reference: string
  /** The digest that was verified, or pinned; absent when the tag was never resolved. */
  readonly digest?: string
  /** Whether some rule verified it and none failed to. */
  readonly verified: boolean
  readonly evidence: readonly Evidence[]
}

export interface RequestCost {
  readonly total: number
  readonly byHost: Readonly<Record<string, number>>
}

export interface ResourceVerdict {
  /** Version of this shape; see docs/verdict.schema.json. */
  readonly schemaVersion: 1
  /** Kyverno's decision over both phases. */
  readonly admitted: boolean
  /** Ours: `inconclusive` when something blocking (or the only thing wrong) could not be checked. */
  readonly outcome: RuleOutcome
  /** True when no rule of any policy concerned this resource. */
  readonly unmatched: boolean
  readonly rules: readonly RuleResult[]
  readonly images: readonly ImageResult[]
  /** RFC 6902: annotations first, then pinned digests. Empty when not admitted. */
  readonly patches: readonly JsonPatchOperation[]
  /** The text Kyverno's webhook would print, when not admitted. */
  readonly denial?: string
  readonly warnings: readonly string[]
  readonly requests: RequestCost
  /** Builds a report of the first phase's rows, as Kyverno's report controller would. */
  report(options?: ReportOptions): PolicyReport
}

/** What a background scan found: results, and no decision, because nobody asked to create anything. */
export type ScanVerdict = Omit<ResourceVerdict, 'admitted' | 'patches' | 'denial' | 'warnings'>

export interface ImageVerdict extends Omit<ResourceVerdict, 'patches' | 'images'> {
  readonly status: 'pass' | 'fail' | 'error' | 'unmatched'
  /** The reference to run: pinned to the digest that was verified, else as it was given. */
  readonly reference: string
  readonly digest?: string
  readonly evidence: readonly Evidence[]
}
