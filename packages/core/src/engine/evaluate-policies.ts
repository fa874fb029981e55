import { isForKind, needsNamespaceLabels, policyApplies } from '../match/policy-scope.ts'
import type { JsonObject } from '@verify-images/policy-parser'
import type { CompiledPolicy } from './compile-policy.ts'
import type { PolicyResponse } from '../kyverno/decide.ts'
import { enforcesRule, type EnforcementScope } from '../kyverno/enforcement.ts'
import type { Evaluation } from './evaluation.ts'
import { messageOf } from './fault.ts'
import { evaluateRule, type RuleHandler } from './evaluate-rule.ts'
import { errored, isApplied, type RuleResponse } from '../kyverno/rule-response.ts'
import type { RuleResult } from '../verdict/rule-result.ts'

/** Applies what the rules so far have patched to the object that a policy began with. */
export type PatchedBy = (object: JsonObject) => JsonObject

export interface PolicyRun {
  readonly handler: RuleHandler
  /** The kind whose computed rules are tried; `''` for all. */
  readonly kind: string
  readonly object: JsonObject | undefined
  /** What this run of the policy has changed so far; rules see it. */
  readonly patched?: PatchedBy
}

/** Whether a policy is asked about a request at all. One that is not does not count, neither for its errors nor its `failurePolicy`. */
export function isAsked(
  { request }: Evaluation,
  { policy, rulesFor }: CompiledPolicy,
  { concerns }: Pick<RuleHandler, 'concerns'>,
): boolean {
  const { object, oldObject, namespace } = request
  return (
    policyApplies(policy, { namespace, ...(object ? { object } : {}), ...(oldObject ? { oldObject } : {}) }) &&
    rulesFor('').some((rule) => concerns(rule) && isForKind(rule, request))
  )
}

/**
 * The responses of one policy in one phase.
 *
 * With `applyRules: One`, the first rule that passes or fails in Kyverno is the last: a refusal that only we have must not
 * hide the rules after it.
 *
 * @see Kyverno, pkg/engine/image_verify.go, validation.go
 */
export async function evaluatePolicy(
  evaluation: Evaluation,
  policy: CompiledPolicy,
  { handler, kind, object, patched = (same) => same }: PolicyRun,
): Promise<PolicyResponse> {
  const rows: RuleResult[] = []
  const one = policy.policy.spec.applyRules === 'One'
  const scope = await enforcementScope(evaluation, policy)
  const response = { policy: policy.policy, rows, enforces: (rule: string) => enforcesRule(policy, rule, scope) }
  for (const rule of policy.rulesFor(kind)) {
    const current = object && patched(object)
    const responses = await guarded(evaluation, () =>
      evaluateRule(evaluation, policy, rule, handler, { initial: object, object: current }),
    )
    rows.push(...responses.map((each) => rowOf(each, handler, policy, rule.name)))
    if (one && responses.some(isApplied)) break
  }
  return response
}

/** A fault of ours, or of an embedder's adapter, is a rule that could not be evaluated: never a crash, never a pass. */
async function guarded(
  { signal }: Evaluation,
  work: () => Promise<readonly RuleResponse[]>,
): Promise<readonly RuleResponse[]> {
  try {
    return await work()
  } catch (error) {
    if (signal.aborted)
      return [
        errored('failed to evaluate rule: context deadline exceeded', {
          reasons: [
            {
              code: 'VERIFIER_DEADLINE_EXCEEDED',
              message: 'the evaluation was ended before the rule could be evaluated',
            },
          ],
        }),
      ]
    const message = messageOf(error)
    return [errored(`failed to evaluate rule: ${message}`, { reasons: [{ code: 'VERIFIER_INTERNAL', message }] })]
  }
}

async function enforcementScope(evaluation: Evaluation, { policy }: CompiledPolicy): Promise<EnforcementScope> {
  const { gvk, namespace, namespaceLabels } = evaluation.request
  const selects = (policy.spec.validationFailureActionOverrides ?? []).some(
    ({ namespaceSelector }) => namespaceSelector !== undefined,
  )
  if (!selects || (namespaceLabels === undefined && !policy.spec.rules.some(needsNamespaceLabels)))
    return { kind: gvk.kind, namespace, namespaceLabels: namespaceLabels ?? 'unread' }
  const answer = await evaluation.namespaceLabels()
  return { kind: gvk.kind, namespace, namespaceLabels: 'labels' in answer ? answer.labels : 'unavailable' }
}

function rowOf(
  { upstream: _, ...response }: RuleResponse,
  { phase }: RuleHandler,
  { policy }: CompiledPolicy,
  rule: string,
): RuleResult {
  return {
    phase,
    policy: policy.name,
    ...(policy.namespace === undefined ? {} : { policyNamespace: policy.namespace }),
    rule,
    ...response,
  }
}
