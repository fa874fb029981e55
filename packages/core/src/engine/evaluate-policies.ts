import type { Reason } from '@verify-images/attestor-evaluator'
import { CheckError, yieldIfDue, type JsonObject, messageOf } from '@verify-images/primitives'
import { isForKind, needsNamespaceLabels, policyApplies } from '../match/policy-scope.ts'
import { placeOf, type CompiledPolicy, type CompiledRule } from './compile-policy.ts'
import type { EnforcementScope, Kyverno, PolicyResponse } from './ports.ts'
import type { Evaluation } from './evaluation.ts'
import { describeWaits } from './waits.ts'
import { evaluateRule, type RuleHandler } from './evaluate-rule.ts'
import { isRefusing, type RuleFindings } from './rule-finding.ts'
import type { RuleReason, RuleResult } from '../verdict/rule-result.ts'

/** Applies the patches of the rules so far to the object that a policy started with. */
export type PatchedBy = (object: JsonObject) => JsonObject

export interface PolicyRun {
  readonly handler: RuleHandler
  /** The kind whose computed rules are evaluated; `''` for all. */
  readonly kind: string
  readonly object: JsonObject | undefined
  /** The patches of this run so far, which later rules see. */
  readonly patched?: PatchedBy
}

/**
 * Returns whether a policy takes part in a request. One that does not counts neither for its errors nor for its
 * `failurePolicy`.
 */
export function takesPart(
  { request }: Evaluation,
  { policy, rulesFor }: CompiledPolicy,
  { handles }: Pick<RuleHandler, 'handles'>,
): boolean {
  const { object, oldObject, namespace } = request
  return (
    policyApplies(policy, { namespace, ...(object ? { object } : {}), ...(oldObject ? { oldObject } : {}) }) &&
    rulesFor('').some(({ rule }) => handles(rule) && isForKind(rule, request))
  )
}

/**
 * Evaluates one policy in one phase.
 *
 * With `applyRules: One`, the first rule that passes or fails in Kyverno is the last. A refusal that only we have does
 * not count, so that it cannot hide the rules after it.
 *
 * @see Kyverno, pkg/engine/image_verify.go, validation.go
 */
export async function evaluatePolicy(
  evaluation: Evaluation,
  policy: CompiledPolicy,
  { handler, kind, object, patched = (same) => same }: PolicyRun,
): Promise<PolicyResponse> {
  const {
    settings: { kyverno },
    request: { namespace },
  } = evaluation
  const rows: RuleResult[] = []
  const one = policy.policy.spec.applyRules === 'One'
  let unknown: Reason | undefined
  for (const { rule, place } of policy.rulesFor(kind)) {
    await yieldIfDue()
    const current = object && patched(object)
    const found = await guarded(evaluation, rule.name, () =>
      evaluateRule(evaluation, policy, rule, handler, { initial: object, object: current, unknown }),
    )
    const ofRule = rowsOf(found, { kyverno, handler, policy, namespace, place })
    rows.push(...ofRule)
    if (!one || !found.findings.some((finding, i) => kyverno.isApplied(finding, ofRule[i]))) continue
    // If it is unknown whether this rule applies, it is unknown whether the next one does.
    if (found.unknown === undefined) break
    unknown = found.unknown
  }
  // Only a failure can be enforced, so only then are the labels of the namespace worth reading.
  const scope = await enforcementScope(
    evaluation,
    policy,
    rows.some(({ status }) => status === 'fail'),
  )
  return { policy: policy.policy, rows, enforces: (rule) => kyverno.enforcesRule(policy, rule, scope) }
}

/**
 * Turns an error of ours, or of an embedder's adapter, into a rule that could not be evaluated: never a crash, never a
 * pass.
 */
async function guarded(
  { signal, waits }: Evaluation,
  rule: string,
  work: () => Promise<RuleFindings>,
): Promise<RuleFindings> {
  try {
    return await work()
  } catch (error) {
    const reason = signal.aborted
      ? {
          code: 'VERIFIER_DEADLINE_EXCEEDED' as const,
          message: `the deadline passed before the rule was evaluated${describeWaits(waits.interrupted)}`,
        }
      : {
          code: error instanceof CheckError ? error.code : ('VERIFIER_INTERNAL' as const),
          message: messageOf(error),
        }
    return { rule, findings: [{ kind: 'rule-not-evaluated', step: 'evaluation', reason }] }
  }
}

async function enforcementScope(
  evaluation: Evaluation,
  { policy }: CompiledPolicy,
  hasFailures: boolean,
): Promise<EnforcementScope> {
  const { gvk, namespace, namespaceLabels } = evaluation.request
  const selects = (policy.spec.validationFailureActionOverrides ?? []).some(
    ({ namespaceSelector }) => namespaceSelector !== undefined,
  )
  if (!hasFailures || !selects || (namespaceLabels === undefined && !policy.spec.rules.some(needsNamespaceLabels)))
    return { kind: gvk.kind, namespace, namespaceLabels: namespaceLabels ?? 'unread' }
  const answer = await evaluation.namespaceLabels()
  return { kind: gvk.kind, namespace, namespaceLabels: 'labels' in answer ? answer.labels : 'unavailable' }
}

interface RowPlace {
  readonly kyverno: Kyverno
  readonly handler: RuleHandler
  readonly policy: CompiledPolicy
  readonly namespace: string
  readonly place: CompiledRule['place']
}

/** Returns one row per finding, in their order. */
function rowsOf({ rule, properties, findings }: RuleFindings, at: RowPlace): readonly RuleResult[] {
  const {
    kyverno,
    handler: { phase },
    policy: { policy },
    namespace,
    place: { path: _path, ...written },
  } = at
  return findings.map((finding) => {
    const row = kyverno.presentFinding(finding, { phase, policy: policy.name, namespace, rule })
    const entry = isRefusing(finding) ? finding.entry : undefined
    return {
      phase,
      policy: policy.name,
      ...(policy.namespace === undefined ? {} : { policyNamespace: policy.namespace }),
      rule,
      ...written,
      ...row,
      reasons: row.reasons.map((reason) => placed({ image: row.image, ...reason }, { rule, entry, at })),
      ...(properties === undefined ? {} : { properties }),
    }
  })
}

interface ReasonPlace {
  readonly rule: string
  /** The entry that was evaluated. */
  readonly entry: number | undefined
  readonly at: RowPlace
}

/** Adds to a reason which policy and rule it is about, and the line that its path is written at. */
function placed(
  { image, ...reason }: Omit<Reason, 'image'> & { readonly image: string | undefined },
  { rule, entry, at: { policy, place } }: ReasonPlace,
): RuleReason {
  const inEntry = entry === undefined ? '' : `.verifyImages[${String(entry)}]`
  const path = `${place.path}${inEntry}${inEntry === '' || reason.path === undefined ? '' : `.${reason.path}`}`
  const { column: _column, ...written } = placeOf(policy.policy, path)
  return { ...reason, ...(image === undefined ? {} : { image }), policy: policy.key, rule, ...written }
}
