import { hasExtractor } from '@verify-images/image-matcher'
import type { Json, JsonObject, PolicyException, Rule } from '@verify-images/policy-parser'
import { matchException } from '../match/match-exception.ts'
import type { MatchRequest } from '../match/match-request.ts'
import { matchRule } from '../match/match-rule.ts'
import { needsNamespaceLabels } from '../match/policy-scope.ts'
import { matchWildcard } from '@verify-images/primitives'
import type { CompiledPolicy } from './compile-policy.ts'
import type { Evaluation } from './evaluation.ts'
import { imagesOfRule, type RuleImages } from './images/rule-images.ts'
import { strictRow } from './images/upstream-view.ts'
import { errored, onlyOurs, skipped, type RuleResponse } from '../kyverno/rule-response.ts'
import { openRuleScope, type RuleScope } from './context/rule-scope.ts'

/** The object as a phase, and a rule within it, sees it. */
export interface RuleSubject {
  /** The object after the rules before this one; absent on DELETE. */
  readonly object: JsonObject | undefined
  /** The object that the phase began with: images are looked for there, so that every rule judges the same ones. */
  readonly initial: JsonObject | undefined
}

/** A rule that concerns the object, with everything its handler needs. */
export interface PreparedRule {
  readonly policy: CompiledPolicy
  readonly rule: Rule
  readonly images: RuleImages
  readonly scope: RuleScope
}

/** What one of the two phases does with a rule. */
export interface RuleHandler {
  readonly phase: 'mutate' | 'validate'
  /** The type upstream gives to responses from before the exceptions are asked. */
  readonly typeOfRule: 'ImageVerify' | 'Validation'
  /** The same where an exception holds. */
  readonly typeOfSkip: 'Mutation' | 'Validation'
  /** Whether the handler has anything to do with this rule. */
  readonly concerns: (rule: Rule) => boolean
  readonly handle: (evaluation: Evaluation, prepared: PreparedRule) => Promise<readonly RuleResponse[]>
}

/**
 * One rule in one phase: match, find the images, ask the preconditions and the exceptions, and only then do the work. An
 * empty list means that the rule does not concern the object.
 *
 * @see Kyverno, pkg/engine: the steps and their order are upstream's
 */
export async function evaluateRule(
  evaluation: Evaluation,
  policy: CompiledPolicy,
  rule: Rule,
  handler: RuleHandler,
  subject: RuleSubject,
): Promise<readonly RuleResponse[]> {
  if (!handler.concerns(rule)) return []
  const exceptions = exceptionsNaming(evaluation, policy, rule)
  const request = await matchRequestOf(evaluation, policy, rule, exceptions, subject.object)
  if ('failure' in request) return [request.failure]
  if (!matchRule(rule, request).matched) return []

  if (subject.initial === undefined) return []
  const images = imagesOfRule(evaluation, rule, subject.initial)
  if ('failure' in images)
    return withProperties(rule.reportProperties, [
      errored(`failed to instantiate handler: failed to extract images: ${images.failure.message}`, {
        type: handler.typeOfRule,
        reasons: [images.failure],
      }),
    ])
  noteUnseen(evaluation, policy, rule, images, subject.initial)
  if (images.candidates.length === 0) return []

  const responses = await evaluateImages(
    evaluation,
    { policy, rule, images, scope: openRuleScope(evaluation, policy.policy, rule, images, subject.object) },
    handler,
    { exceptions, request },
  )
  return asUpstreamSees(images, responses)
}

interface Exempting {
  readonly exceptions: readonly PolicyException[]
  readonly request: MatchRequest
}

async function evaluateImages(
  evaluation: Evaluation,
  prepared: PreparedRule,
  handler: RuleHandler,
  { exceptions, request }: Exempting,
): Promise<readonly RuleResponse[]> {
  const { rule, scope } = prepared
  const met = await scope.holds(rule.preconditions, 'select')
  if ('failure' in met)
    return withProperties(rule.reportProperties, [
      errored(`failed to evaluate preconditions: ${met.failure.message}`, {
        type: handler.typeOfRule,
        reasons: [met.failure],
      }),
    ])
  if (!met.holds) {
    const message = met.message ? `preconditions not met; ${met.message}` : 'preconditions not met'
    return withProperties(rule.reportProperties, [skipped(message, { type: handler.typeOfRule })])
  }

  for (const { image } of prepared.images.candidates) evaluation.concerned.add(image.pointer)
  const properties = await scope.reportProperties()
  const exempt = await holdingExceptions(exceptions, request, scope)
  const exempted = exempt.map(({ namespace, name }) => `${namespace}/${name}`)
  const responses =
    exempt.length > 0
      ? [
          skipped(`rule is skipped due to policy exceptions${exempted.join(', ')}`, {
            type: handler.typeOfSkip,
            exceptions: exempted,
          }),
        ]
      : await handler.handle(evaluation, prepared)
  return withProperties(properties, responses)
}

/** Where upstream looks at none of the images it has no response, and we have one only for what we refuse. */
function asUpstreamSees({ candidates }: RuleImages, responses: readonly RuleResponse[]): readonly RuleResponse[] {
  const [first] = candidates
  if (first === undefined || candidates.some(({ seen }) => seen)) return responses
  return responses
    .filter(({ outcome }) => outcome !== 'accepted')
    .map((response) => onlyOurs(response, strictRow(first.image), 'nothing'))
}

function withProperties(
  properties: Rule['reportProperties'],
  responses: readonly RuleResponse[],
): readonly RuleResponse[] {
  return properties === undefined ? responses : responses.map((response) => ({ ...response, properties }))
}

/** Says where upstream would have looked away: kinds whose images it does not know (S27), spellings its patterns do not match (S15). */
function noteUnseen(
  { notices }: Evaluation,
  { policy }: CompiledPolicy,
  rule: Rule,
  { all, candidates }: RuleImages,
  object: JsonObject,
): void {
  const name = `policy ${policy.name}.${rule.name}`
  // The object's own kind: that is where they were looked for.
  const kind = String(object['kind'])
  if (all.length === 0 && !hasExtractor(kind, rule.imageExtractors))
    notices.add(`${name}: images in a ${kind} are not known without imageExtractors, so none were checked`)
  for (const { image, seen } of candidates)
    if (!seen)
      notices.add(
        `${name}: ${image.reference.reference} at ${image.pointer} is checked, although Kyverno would not have looked at it`,
      )
}

/** Exceptions for this rule, by the policy's key and the computed rule name. */
function exceptionsNaming(
  { settings }: Evaluation,
  { key }: CompiledPolicy,
  { name }: Rule,
): readonly PolicyException[] {
  return settings.exceptions.filter(({ exceptions }) =>
    exceptions.some(
      ({ policyName, ruleNames }) => policyName === key && ruleNames.some((pattern) => matchWildcard(pattern, name)),
    ),
  )
}

/** The labels of the namespace are only asked for when something selects on them. */
async function matchRequestOf(
  evaluation: Evaluation,
  { policy }: CompiledPolicy,
  rule: Rule,
  exceptions: readonly PolicyException[],
  object: JsonObject | undefined,
): Promise<MatchRequest | { readonly failure: RuleResponse }> {
  const { request } = evaluation
  const needed = needsNamespaceLabels(rule) || exceptions.some(({ match }) => needsNamespaceLabels({ match }))
  const answer = needed ? await evaluation.namespaceLabels() : { labels: {} }
  if ('failure' in answer)
    return {
      failure: errored(`failed to get labels of namespace ${request.namespace}: ${answer.failure.message}`, {
        reasons: [answer.failure],
      }),
    }
  const { operation, oldObject, namespace, gvk, subresource, userInfo, roles, clusterRoles } = request
  return {
    operation,
    namespace,
    gvk,
    subresource,
    userInfo,
    roles,
    clusterRoles,
    namespaceLabels: answer.labels,
    ...(object === undefined ? {} : { object }),
    ...(oldObject === undefined ? {} : { oldObject }),
    ...(policy.namespace === undefined ? {} : { policyNamespace: policy.namespace }),
  }
}

async function holdingExceptions(
  exceptions: readonly PolicyException[],
  request: MatchRequest,
  scope: RuleScope,
): Promise<readonly PolicyException[]> {
  const holding: PolicyException[] = []
  for (const exception of exceptions) {
    if (!matchException(exception, request)) continue
    const held =
      exception.conditions === undefined ? { holds: true } : await scope.holds(exception.conditions as Json, 'allow')
    // An exception whose conditions cannot be evaluated exempts nothing.
    if ('holds' in held && held.holds) holding.push(exception)
  }
  return holding
}
