import type { JsonObject } from '@verify-images/primitives'
import type { Report } from '../schema/check-schema.ts'
import { checkConditions } from './check-conditions.ts'
import { checkContext } from './check-context.ts'
import { checkEntries } from './check-entries.ts'
import { checkMatchConflict } from './check-match-conflict.ts'
import { checkMatch, checkMatchedResources } from './check-match.ts'
import { checkOverrides } from './check-overrides.ts'
import { checkRuleTypes } from './check-rule-type.ts'
import { checkIdentity, checkMatchConditions, checkModes, checkMutateExisting, checkSpecFields } from './check-spec.ts'
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

/** What is also asked of generated rules. */
const OF_COMPUTED_RULES: readonly Check[] = [
  checkUserInfo,
  checkVariables,
  checkMatchedResources,
  checkConditions,
  checkContext,
  checkEntries,
]

/**
 * Everything that Kyverno's admission refuses in a policy that its schema accepts. Kyverno stops at the first of most
 * problems; a policy is refused here exactly if it is there.
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
  // A generated rule repeats the problems of its origin, with paths and texts nobody wrote: only new ones are worth telling.
  if (!sound) return
  for (const check of OF_COMPUTED_RULES) {
    check(
      { ...policy, computed: policy.generated },
      (code, path, message) => report(code, path, `in the rule generated for pod controllers: ${message}`),
      options,
    )
  }
}
