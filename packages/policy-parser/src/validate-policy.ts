import { isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { checkAdmission } from './admission/check-admission.ts'
import { checkMetadata } from './admission/check-metadata.ts'
import type { AdmissionOptions } from './admission/policy-view.ts'
import { upstreamWarnings } from './admission/warnings.ts'
import { checkOptions } from './check-options.ts'
import { IssueList } from './issue-list.ts'
import { isDeeperThan } from './json-value.ts'
import { LIMITS } from './limits.ts'
import { shown } from './policy-error.ts'
import type { PolicyIssue } from './policy-error.ts'
import { checkSchema } from './schema/check-schema.ts'
import { POLICY_SCHEMAS } from './schema/policy-schema.ts'

export interface ValidationOptions {
  /** Throws for a text that is no JMESPath. Without it expressions are taken as they are. */
  readonly compileExpression?: ((text: string) => unknown) | undefined
  /**
   * Judge as Kyverno's command line does, which has no cluster to ask: a policy with `webhookConfiguration.matchConditions`
   * is refused there.
   */
  readonly withoutCluster?: boolean | undefined
}

export interface PolicyValidation {
  readonly accepted: boolean
  readonly errors: readonly PolicyIssue[]
  /** What Kyverno's webhook would warn of, in its words. */
  readonly warnings: readonly string[]
}

/**
 * Whether Kyverno accepts a ClusterPolicy or Policy: its schema, strictly, and then what its admission checks.
 *
 * All problems are found at once, but those of admission only in a document that fits its schema.
 *
 * @throws PolicyError POLICY_OPTIONS_INVALID
 */
export function validatePolicy(document: JsonObject, options: ValidationOptions = {}): PolicyValidation {
  checkOptions(options)
  const issues = new IssueList()
  const checked = checkPolicy(document, options, issues)
  const errors = issues.sorted()
  return {
    accepted: errors.length === 0,
    errors,
    warnings: errors.length === 0 && checked !== undefined ? upstreamWarnings(checked) : [],
  }
}

/** The policy with its defaults, sound if nothing was reported; undefined when it is none that is known. */
export function checkPolicy(document: Json, options: AdmissionOptions, issues: IssueList): JsonObject | undefined {
  if (isDeeperThan(document, LIMITS.depth)) {
    issues.report('POLICY_TOO_LARGE', [], `nested deeper than ${LIMITS.depth} levels`)
    return undefined
  }
  const kind = ownMember(document, 'kind')
  const version = ownMember(document, 'apiVersion')
  const schema =
    (kind === 'ClusterPolicy' || kind === 'Policy') && typeof version === 'string'
      ? POLICY_SCHEMAS.get(version)
      : undefined
  if (!isJsonObject(document) || schema === undefined) {
    issues.report(
      'POLICY_KIND_UNSUPPORTED',
      [],
      `${shown(version ?? 'no apiVersion')} ${shown(kind ?? 'no kind')} is not read; ClusterPolicy and Policy of ${[...POLICY_SCHEMAS.keys()].join(', ')} are`,
    )
    return undefined
  }
  const checked = checkSchema(document, schema, [], issues.report)
  if (!isJsonObject(checked)) return undefined
  checkMetadata(checked, issues.report)
  if (issues.sorted().length === 0) checkAdmission(checked, options, issues.report)
  return checked
}
