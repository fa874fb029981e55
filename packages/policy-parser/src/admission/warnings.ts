import { type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { controllersAnnotation } from '../compute-rules.ts'
import { allKinds } from '../autogen/generate-rule.ts'
import { itemsOf, stringAt, valueAt } from '../json-value.ts'
import { kindOf } from '../kind-selector.ts'
import { hasValidate } from '../rule-type.ts'
import { listConditions } from './check-conditions.ts'
import { viewPolicy } from './policy-view.ts'

const ACTIONS = 'Validation failure actions enforce/audit are deprecated, use Enforce/Audit instead.'
const EXCLUDED_FROM_AUTOGEN =
  'Policies that match Pods apply to all Pods including those created and managed by controllers ' +
  'excluded from autogen. Use preconditions to exclude the Pods managed by controllers which are ' +
  'excluded from autogen. Refer to https://kyverno.io/docs/policy-types/cluster-policy/autogen/ for details.'

/** Returns Kyverno's warnings about an accepted policy, one per computed rule, so some repeat. */
export function kyvernoWarnings(document: JsonObject): string[] {
  const { spec, rules, computed, generated } = viewPolicy(document)
  const validates = rules.filter(({ rule }) => hasValidate(rule)).map(({ rule }) => ownMember(rule, 'validate'))
  return [
    ...actionWarnings(ownMember(spec, 'validationFailureAction'), ownMember(spec, 'validationFailureActionOverrides')),
    ...validates.flatMap((validate) =>
      actionWarnings(ownMember(validate, 'failureAction'), ownMember(validate, 'failureActionOverrides')),
    ),
    ...[...computed, ...generated].flatMap(({ rule }) => ruleWarnings(rule, controllersAnnotation(document))),
  ]
}

function actionWarnings(action: Json | undefined, overrides: Json | undefined): string[] {
  const actions = [action, ...itemsOf(overrides).map((override) => ownMember(override, 'action'))]
  return actions.some((one) => one === 'enforce' || one === 'audit') ? [ACTIONS] : []
}

function ruleWarnings(rule: JsonObject, controllers: string | undefined): string[] {
  const kinds = new Set(allKinds(ownMember(rule, 'match')).map(kindOf))
  const attestations = itemsOf(ownMember(rule, 'verifyImages')).flatMap((entry) =>
    itemsOf(ownMember(entry, 'attestations')),
  )
  const blocks = [
    valueAt(rule, 'validate', 'deny', 'conditions'),
    ...attestations.flatMap((attestation) => itemsOf(ownMember(attestation, 'conditions'))),
  ]
  return [
    ...(kinds.size === 1 && kinds.has('Pod') && leavesControllersOut(controllers) ? [EXCLUDED_FROM_AUTOGEN] : []),
    ...attestations
      .map((attestation) => stringAt(attestation, 'predicateType'))
      .filter((type) => type !== '')
      .map((type) => `predicateType has been deprecated use 'type: ${type}' instead of 'predicateType: ${type}'`),
    ...blocks
      .flatMap((block) => listConditions(block, []))
      .flatMap(({ condition }) => operatorWarnings(stringAt(condition, 'operator'))),
  ]
}

const ALTERNATIVES: ReadonlyMap<string, string> = new Map([
  ['In', '["AllIn" "AnyIn"]'],
  ['NotIn', '["AllNotIn" "AnyNotIn"]'],
])

function operatorWarnings(operator: string): string[] {
  const alternatives = ALTERNATIVES.get(operator)
  return alternatives === undefined
    ? []
    : [`Operator ${operator} has been deprecated and will be removed soon. Use these instead: ${alternatives}`]
}

/** Returns whether an autogen annotation names other controllers than the five that Kyverno compares it with. */
export function leavesControllersOut(annotation: string | undefined): boolean {
  if (annotation === undefined || annotation === 'none') return false
  return annotation.toLowerCase().split(',').sort().join() !== 'cronjob,daemonset,deployment,job,statefulset'
}
