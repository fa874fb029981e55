import { isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { checkAdmission } from './admission/check-admission.ts'
import { checkMetadata } from './admission/check-metadata.ts'
import type { AdmissionOptions } from './admission/policy-view.ts'
import { kyvernoWarnings } from './admission/warnings.ts'
import { checkOptions, PARSER_OPTIONS } from './check-options.ts'
import { IssueList } from './issue-list.ts'
import { isDeeperThan } from './json-value.ts'
import { LIMITS } from './limits.ts'
import { shown } from './policy-error.ts'
import type { PolicyIssue } from './policy-error.ts'
import { checkSchema } from './schema/check-schema.ts'
import { POLICY_SCHEMAS } from './schema/policy-schema.ts'

export interface ValidationOptions {
  /** Throws for an invalid JMESPath expression. Without it expressions are not checked. */
  readonly compileExpression?: ((text: string) => unknown) | undefined
  /**
   * Checks as Kyverno's command line does: without a cluster it rejects policies with
   * `webhookConfiguration.matchConditions`.
   */
  readonly withoutCluster?: boolean | undefined
}

export interface PolicyValidation {
  readonly accepted: boolean
  readonly errors: readonly PolicyIssue[]
  /** Kyverno's warnings, verbatim. */
  readonly warnings: readonly string[]
}

/**
 * Returns whether Kyverno accepts a ClusterPolicy or Policy, by its schema and its admission checks.
 *
 * All problems are found at once; admission checks run only if the document fits the schema.
 *
 * @throws PolicyError POLICY_OPTIONS_INVALID
 */
export function validatePolicy(document: JsonObject, options: ValidationOptions = {}): PolicyValidation {
  checkOptions(options, PARSER_OPTIONS)
  const issues = new IssueList()
  const checked = checkPolicy(document, options, issues)
  const errors = issues.sorted()
  return {
    accepted: errors.length === 0,
    errors,
    warnings: errors.length === 0 && checked !== undefined ? kyvernoWarnings(checked) : [],
  }
}

/** Returns the policy with defaults, valid if nothing was reported; undefined for an unknown kind. */
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
      `expected a ClusterPolicy or Policy of ${[...POLICY_SCHEMAS.keys()].join(', ')}, got ${
        typeof document === 'string'
          ? `the string ${shown(document)}${isPath(document) ? ': pass the text of the file, not its path' : ''}`
          : `${shown(kind ?? 'no kind')} of ${shown(version ?? 'no apiVersion')}`
      }`,
    )
    return undefined
  }
  const checked = checkSchema(document, schema, [], issues.report)
  if (!isJsonObject(checked)) return undefined
  checkMetadata(checked, issues.report)
  if (issues.sorted().length === 0) checkAdmission(checked, options, issues.report)
  return checked
}

function isPath(text: string): boolean {
  return /^\S+\.(?:ya?ml|json)$/i.test(text)
}
