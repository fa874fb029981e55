import type { Evidence } from '@verify-images/attestor-evaluator'
import type { Unjudged } from '../engine/unchanged-object.ts'
import type { JsonPatchOperation } from '../request/json-patch.ts'
import type { PolicyReport, ReportOptions } from './policy-report.ts'
import type { RuleOutcome, RuleResult } from './rule-result.ts'

/** What is known of an image of the resource after all rules ran. */
export interface ImageResult {
  /** RFC 6901 pointer to the image in the resource. */
  readonly pointer: string
  readonly reference: string
  /** The digest that was verified or pinned; absent if the tag was not resolved. */
  readonly digest?: string
  /** Whether a rule verified the image and none failed. */
  readonly verified: boolean
  readonly evidence: readonly Evidence[]
}

export interface RequestCost {
  readonly total: number
  readonly byHost: Readonly<Record<string, number>>
}

export interface ResourceVerdict {
  /** Version of this format; see docs/verdict.schema.json. */
  readonly schemaVersion: 1
  /** Kyverno's decision over both phases. */
  readonly admitted: boolean
  /** Ours: `inconclusive` if what blocks, or all that is wrong, could not be checked. */
  readonly outcome: RuleOutcome
  /** True if no rule of any policy matched the resource. */
  readonly unmatched: boolean
  /** Set if an update was let through without judging the object, because nothing of it that matters can change. */
  readonly unjudged?: Unjudged
  readonly rules: readonly RuleResult[]
  readonly images: readonly ImageResult[]
  /** RFC 6902: annotations first, then pinned digests. Empty when not admitted. */
  readonly patches: readonly JsonPatchOperation[]
  /** The text an admission webhook prints; set if not admitted. */
  readonly denial?: string
  readonly warnings: readonly string[]
  readonly requests: RequestCost
  /** Returns a report of the rows of the mutating phase, as Kyverno's report controller writes it. */
  report(options?: ReportOptions): PolicyReport
}

/**
 * The verdict of a background scan: results without an admission decision, because there is no request. `denial` names
 * an image that no policy matches, if `unmatched` is `refuse`.
 */
export type ScanVerdict = Omit<ResourceVerdict, 'admitted' | 'patches' | 'warnings' | 'unjudged'>

export interface ImageVerdict extends Omit<ResourceVerdict, 'patches' | 'images' | 'unjudged'> {
  readonly status: 'pass' | 'fail' | 'error' | 'unmatched'
  /**
   * The reference to run: if admitted, pinned to the digest that was verified or that its tag resolved to; otherwise as
   * given. An image that was let pass unverified has no `evidence`, and without `digest` its tag may move.
   */
  readonly reference: string
  readonly digest?: string
  readonly evidence: readonly Evidence[]
}
