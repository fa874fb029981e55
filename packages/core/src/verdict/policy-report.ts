import type { RuleStatus } from './rule-result.ts'

export interface ReportOptions {
  /** `openreports.io/v1alpha1` instead of `wgpolicyk8s.io/v1alpha2`. */
  readonly openreports?: boolean
  /** Seconds since the epoch; by default the time of the evaluation. */
  readonly timestamp?: number
}

export interface ReportResult {
  readonly source: 'kyverno'
  readonly policy: string
  readonly rule: string
  readonly message: string
  readonly result: RuleStatus
  readonly scored: boolean
  readonly category?: string
  readonly severity?: string
  readonly timestamp: { readonly seconds: number; readonly nanos: number }
  readonly properties: Readonly<Record<string, string>>
}

/** A PolicyReport, or a ClusterPolicyReport for an object without a namespace, with one result per row. */
export interface PolicyReport {
  readonly apiVersion: 'wgpolicyk8s.io/v1alpha2' | 'openreports.io/v1alpha1'
  readonly kind: 'PolicyReport' | 'ClusterPolicyReport' | 'Report' | 'ClusterReport'
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels: Readonly<Record<string, string>>
  }
  readonly scope: {
    readonly apiVersion: string
    readonly kind: string
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
  }
  readonly results: readonly ReportResult[]
  readonly summary: Readonly<Record<RuleStatus, number>>
}
