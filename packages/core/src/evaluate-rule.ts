import type { Policy, PolicyException, Rule } from '@verify-images/policy-parser'
import { matchException, matchRule, needsNamespaceLabels, type MatchRequest } from '@verify-images/resource-matcher'
import type { Evaluation } from './evaluation.ts'
import { imagesOfRule, type RuleImages } from './rule-images.ts'
import { errored, skipped, type RuleResponse } from './rule-response.ts'
import { openRuleScope, type RuleScope } from './rule-scope.ts'

/** A rule that concerns the object, with everything its handler needs. */
export interface PreparedRule {
  readonly policy: Policy
  readonly rule: Rule
  readonly images: RuleImages
  readonly scope: RuleScope
}

/** What one of the two phases does with a rule. */
export interface RuleHandler {
  readonly phase: 'mutate' | 'validate'
  /** The type upstream gives to responses that come from before the handler. */
  readonly typeOfSkip: 'Mutation' | 'Validation'
  /** Whether the handler has anything to do with this rule. */
  readonly concerns: (rule: Rule) => boolean
  readonly handle: (evaluation: Evaluation, prepared: PreparedRule) => Promise<readonly RuleResponse[]>
}

/**
 * One rule in one phase: match, find the images, load the context, ask the preconditions and the exceptions, and only
 * then do the work. An empty list means that the rule does not concern the object.
 *
 * @see Kyverno, pkg/engine: the steps and their order are upstream's
 */
export async function evaluateRule(evaluation: Evaluation, policy: Policy, rule: Rule, handler: RuleHandler): Promise<readonly RuleResponse[]> {
  if (!handler.concerns(rule)) return []
  const request = await matchRequestOf(evaluation, policy, rule)
  if ('failure' in request) return [request.failure]
  if (!matchRule(rule, request).matched) return []

  const images = imagesOfRule(evaluation, rule)
  if ('failure' in images) return [errored(`failed to instantiate handler: failed to extract images: ${images.failure.message}`, { reasons: [images.failure] })]
  if (images.candidates.length === 0) return []

  const scope = openRuleScope(evaluation, policy, rule, images)
  const met = await scope.preconditions(rule.preconditions)
  if ('failure' in met) return [errored(`failed to evaluate preconditions: ${met.failure.message}`, { reasons: [met.failure] })]
  if (!met.holds) {
    const message = met.message ? `preconditions not met; ${met.message}` : 'preconditions not met'
    return [skipped(message, { type: handler.phase === 'validate' ? 'Validation' : 'ImageVerify' })]
  }

  const exceptions = await exceptionsFor(evaluation, policy, rule, request, scope)
  if (exceptions.length > 0) {
    const keys = exceptions.map(({ namespace, name }) => `${namespace}/${name}`)
    return [skipped(`rule is skipped due to policy exceptions${keys.join(', ')}`, { type: handler.typeOfSkip, exceptions: keys })]
  }
  return await handler.handle(evaluation, { policy, rule, images, scope })
}

/** The labels of the namespace are only asked for when the rule selects on them; not getting them is an error, never a mismatch (S21). */
async function matchRequestOf(evaluation: Evaluation, policy: Policy, rule: Rule): Promise<MatchRequest | { readonly failure: RuleResponse }> {
  const { request } = evaluation
  const needed = needsNamespaceLabels(rule) || evaluation.exceptions.some((exception) => needsNamespaceLabels({ match: exception.match }))
  const labels = needed ? await evaluation.namespaceLabels() : {}
  if (!(labels instanceof Error)) return evaluation.matchRequest(policy, labels)
  const reason = { code: 'VERIFIER_NAMESPACE_UNAVAILABLE', message: labels.message, stricter: 'S21' }
  return { failure: errored(`failed to get labels of namespace ${request.namespace}: ${labels.message}`, { reasons: [reason] }) }
}

async function exceptionsFor(evaluation: Evaluation, policy: Policy, rule: Rule, request: MatchRequest, scope: RuleScope): Promise<PolicyException[]> {
  const matching: PolicyException[] = []
  for (const exception of evaluation.exceptionsOf(policy, rule.name)) {
    if (!matchException(exception, request)) continue
    const held = exception.conditions === undefined ? { holds: true } : await scope.exceptionConditions(exception.conditions)
    // An exception whose conditions cannot be evaluated exempts nothing.
    if ('holds' in held && held.holds) matching.push(exception)
  }
  return matching
}
