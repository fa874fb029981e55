import type { FailureActionOverride, Rule } from '@verify-images/policy-parser'
import { matchLabelSelector } from '../match/label-selector.ts'
import { matchWildcard } from '@verify-images/primitives'
import type { CompiledPolicy } from '../engine/compile-policy.ts'
import type { EnforcementScope } from '../engine/ports.ts'

/**
 * Returns whether a failure of a computed rule blocks: the rule's own entries decide, else the first override for the
 * namespace, else the policy.
 *
 * @see Kyverno, pkg/engine/api/engineresponse.go, GetValidationFailureAction
 */
export function enforcesRule({ policy, rulesFor }: CompiledPolicy, ruleName: string, scope: EnforcementScope): boolean {
  const rule = rulesFor(scope.kind).find((each) => each.rule.name === ruleName)?.rule
  const own =
    rule === undefined
      ? policy.spec.rules.map(failureActionOfRule).find((action) => action !== undefined)
      : failureActionOfRule(rule)
  if (own !== undefined) return isEnforce(own)
  const override = policy.spec.validationFailureActionOverrides?.find((each) => overrides(each, scope))
  return isEnforce(override?.action ?? policy.spec.validationFailureAction)
}

/** One entry that enforces makes the whole rule enforce; else the first entry with a failure action decides. */
function failureActionOfRule(rule: Rule): string | undefined {
  const actions = (rule.verifyImages ?? []).flatMap((entry) => entry.failureAction ?? [])
  return actions.find(isEnforce) ?? actions[0]
}

function overrides(
  { action, namespaces, namespaceSelector }: FailureActionOverride,
  { namespace, namespaceLabels }: EnforcementScope,
): boolean {
  if (!ACTIONS.includes(action ?? '')) return false
  // An empty array of namespaces matches none.
  if (namespaces !== undefined && !namespaces.some((pattern) => matchWildcard(pattern, namespace))) return false
  if (namespaceSelector === undefined) return true
  if (typeof namespaceLabels === 'object') return matchLabelSelector(namespaceSelector, namespaceLabels)
  // Without the labels it is unknown whether the override applies. One that makes the rule laxer applies only where it
  // does in Kyverno, which then selects among no labels (B24).
  return isEnforce(action) || (namespaceLabels === 'unread' && matchLabelSelector(namespaceSelector, {}))
}

const ACTIONS: readonly string[] = ['Audit', 'Enforce', 'audit', 'enforce']

/** Returns whether an action enforces: Kyverno audits for all other values. */
function isEnforce(action: string | undefined): boolean {
  return action === 'Enforce' || action === 'enforce'
}
