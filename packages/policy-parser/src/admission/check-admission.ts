import type { JsonObject } from '@verify-images/primitives'
import type { Report } from '../schema/check-schema.ts'
import { checkConditions } from './check-conditions.ts'
import { checkContext } from './check-context.ts'
import { checkEntries } from './check-entries.ts'
import { checkMatchConflict } from './check-match-conflict.ts'
import { checkMatch, checkMatchedResources } from './check-match.ts'
import { checkOverrides } from './check-overrides.ts'
import {
  checkIdentity,
  checkMatchConditions,
  checkModes,
  checkMutateExisting,
  checkRuleTypes,
  checkSpecFields,
} from './check-spec.ts'
import { checkUserInfo, checkVariables } from './check-variables.ts'
import { viewPolicy } from './policy-view.ts'
import type { AdmissionOptions, Check } from './policy-view.ts'

const OF_POLICIES: readonly Check[] = [
  checkIdentity,
  checkMatchConditions,
  checkSpecFields,
  checkMutateExisting,
  checkRuleTypes,
  checkMatchConflict,
  checkMatch,
  checkOverrides,
  checkModes,
]

/** Checks that also apply to generated rules. */
const OF_COMPUTED_RULES: readonly Check[] = [
  checkUserInfo,
  checkVariables,
  checkMatchedResources,
  checkConditions,
  checkContext,
  checkEntries,
]

/**
 * Reports what Kyverno's admission rejects in a policy that the schema accepts. Kyverno stops at the first problem; the
 * decision is the same.
 *
 * The content of mutate, generate and validate rules is not checked: they are never evaluated here.
 *
 * @see Kyverno, pkg/validation/policy: Validate
 */
export function checkAdmission(document: JsonObject, options: AdmissionOptions, report: Report): void {
  const policy = viewPolicy(document)
  let sound = true
  const noting: Report = (...issue) => {
    sound = false
    report(...issue)
  }
  for (const check of [...OF_POLICIES, ...OF_COMPUTED_RULES]) check(policy, noting, options)
  // Generated rules repeat the problems of their origin with paths that are not in the file, so report only what is
  // new.
  if (!sound) return
  for (const check of OF_COMPUTED_RULES) {
    check(
      { ...policy, computed: policy.generated },
      (code, path, message) => report(code, path, `in the rule generated for pod controllers: ${message}`),
      options,
    )
  }
}
