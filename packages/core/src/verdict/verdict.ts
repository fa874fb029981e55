import type { Evidence } from '@verify-images/attestor-evaluator'
import type { JsonPatchOperation } from '../request/json-patch.ts'
import type { PolicyReport, ReportOptions } from '../kyverno/report.ts'
import type { RuleOutcome, RuleResult } from './rule-result.ts'

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

/** What a background scan found: results, and no decision, because nobody asked to create anything. `denial` says what no policy concerns, where that is refused. */
export type ScanVerdict = Omit<ResourceVerdict, 'admitted' | 'patches' | 'warnings'>

export interface ImageVerdict extends Omit<ResourceVerdict, 'patches' | 'images'> {
  readonly status: 'pass' | 'fail' | 'error' | 'unmatched'
  /** The reference to run: when admitted, pinned to the digest that was judged; else as it was given. */
  readonly reference: string
  readonly digest?: string
  readonly evidence: readonly Evidence[]
}
