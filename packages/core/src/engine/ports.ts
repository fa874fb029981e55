import type { Reason } from '@verify-images/attestor-evaluator'
import type { Policy } from '@verify-images/policy-parser'
import type { JsonObject } from '@verify-images/primitives'
import type { AdmissionRequest } from '../request/admission-request.ts'
import type { JsonPatchOperation } from '../request/json-patch.ts'
import type { PolicyReport, ReportOptions } from '../verdict/policy-report.ts'
import type { Phase, RuleOutcome, RuleResult } from '../verdict/rule-result.ts'
import type { CompiledPolicy } from './compile-policy.ts'
import type { EntryFault } from './context/entry-error.ts'
import type { RecordedStatus, RecordScope, ShownRecord } from './images/verification-record.ts'
import type { RuleFinding } from './rule-finding.ts'

/**
 * What the engine asks of `kyverno/`: every row, sentence, annotation, denial and report, and what blocks. The engine
 * imports nothing of `kyverno/`; `createImageVerifier` connects the two.
 */
export interface Kyverno {
  /** Returns the row that Kyverno has for a finding, with our outcome, reasons and evidence. */
  readonly presentFinding: (finding: RuleFinding, place: FindingPlace) => RuleRow
  /** Returns whether Kyverno counts the rule as applied by a finding: `applyRules: One` stops after such a rule. */
  readonly isApplied: (finding: RuleFinding, row: Pick<RuleRow, 'status'> | undefined) => boolean
  /** Returns the text for a context entry that could not be loaded. */
  readonly contextText: (entry: string, fault: EntryFault) => string
  /** Returns whether a failure of a computed rule blocks. */
  readonly enforcesRule: (policy: CompiledPolicy, rule: string, scope: EnforcementScope) => boolean
  /** Returns whether Kyverno blocks the request. */
  readonly blocks: (responses: readonly PolicyResponse[]) => boolean
  /** Returns one outcome for all rows. */
  readonly combineOutcomes: (responses: readonly PolicyResponse[]) => RuleOutcome
  readonly denialText: (object: ObjectName, responses: readonly Pick<PolicyResponse, 'policy' | 'rows'>[]) => string
  readonly reportOf: (
    request: AdmissionRequest,
    responses: readonly Pick<PolicyResponse, 'policy' | 'rows'>[],
    now: Date,
    options: ReportOptions,
  ) => PolicyReport
  /** Returns the patches that write what was verified into the annotations of an object. */
  readonly annotationPatches: (record: ShownRecord, object: JsonObject) => readonly JsonPatchOperation[]
  /** Returns what the annotations of an object record; a claim of whoever may write the object. */
  readonly readScopedRecord: (
    object: JsonObject | undefined,
    scope: RecordScope,
    image: string,
  ) => RecordedStatus | undefined
  /** Returns an object without the annotations in which Kyverno records what it verified. */
  readonly withoutRecord: (object: JsonObject) => JsonObject
}

/** The rows of one policy in one phase. */
export interface PolicyResponse {
  readonly policy: Policy
  readonly rows: readonly RuleResult[]
  /** Returns whether a failure of this computed rule blocks. */
  readonly enforces: (ruleName: string) => boolean
}

/** A rule response of Kyverno, without the policy and rule that it belongs to. */
export interface RuleRow extends Omit<
  RuleResult,
  'phase' | 'policy' | 'policyNamespace' | 'rule' | 'properties' | 'reasons'
> {
  readonly reasons: readonly Reason[]
}

/** Where a finding was made. */
export interface FindingPlace {
  readonly phase: Phase
  readonly policy: string
  /** The namespace of the object; for its labels. */
  readonly namespace: string
  readonly rule: string
}

/** What of the request decides whether a failure blocks. */
export interface EnforcementScope {
  readonly kind: string
  readonly namespace: string
  /**
   * `unread` if Kyverno does not read them: it does so for rules that select by them, not for overrides. Labels that
   * the caller states are used in any case.
   */
  readonly namespaceLabels: Readonly<Record<string, string>> | 'unread' | 'unavailable'
}

/** The object as the denial text names it: `Kind/namespace/name`. */
export interface ObjectName {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}
