import type { Reason } from '@verify-images/attestor-evaluator'
import { hasExtractor } from '@verify-images/image-matcher'
import type { PolicyException, Rule } from '@verify-images/policy-parser'
import { type Json, type JsonObject, matchWildcard } from '@verify-images/primitives'
import { matchException } from '../match/match-exception.ts'
import type { MatchRequest } from '../match/match-request.ts'
import { matchRule } from '../match/match-rule.ts'
import { needsNamespaceLabels } from '../match/policy-scope.ts'
import type { CompiledPolicy } from './compile-policy.ts'
import type { Evaluation } from './evaluation.ts'
import { differenceOf, imagesOfRule, type RuleImages } from './images/rule-images.ts'
import { isRefusing, onlyOurs, type RuleFinding, type RuleFindings, type RuleStep } from './rule-finding.ts'
import { openRuleScope, type RuleScope } from './context/rule-scope.ts'
import type { Phase } from '../verdict/rule-result.ts'

/** The object as a phase, and a rule within it, sees it. */
export interface RuleSubject {
  /** The object after the rules before this one; absent on DELETE. */
  readonly object: JsonObject | undefined
  /** The object that the phase began with: images are taken from it, so that every rule judges the same ones. */
  readonly initial: JsonObject | undefined
}

/** A rule that matches the object, with everything its handler needs. */
export interface PreparedRule {
  readonly policy: CompiledPolicy
  readonly rule: Rule
  readonly images: RuleImages
  readonly scope: RuleScope
}

/** What one of the two phases does with a rule. */
export interface RuleHandler {
  readonly phase: Phase
  /** Whether the handler has anything to do with this rule. */
  readonly handles: (rule: Rule) => boolean
  readonly handle: (evaluation: Evaluation, prepared: PreparedRule) => Promise<RuleFindings>
}

/**
 * Evaluates one rule in one phase: match, find the images, evaluate preconditions and exceptions, and only then do the work.
 * Without findings the rule does not apply to the object.
 *
 * @see Kyverno, pkg/engine: same steps in the same order
 */
export async function evaluateRule(
  evaluation: Evaluation,
  policy: CompiledPolicy,
  rule: Rule,
  handler: RuleHandler,
  subject: RuleSubject,
): Promise<RuleFindings> {
  const none = { rule: rule.name, findings: [] }
  if (!handler.handles(rule)) return none
  const exceptions = exceptionsNaming(evaluation, policy, rule)
  const request = await matchRequestOf(evaluation, policy, rule, exceptions, subject.object)
  if ('failure' in request) return notEvaluated(rule, 'labels', request.failure)
  if (!matchRule(rule, request).matched) return none

  if (subject.initial === undefined) return none
  const images = imagesOfRule(evaluation, rule, subject.initial)
  if ('failure' in images) return withOwnProperties(rule, notEvaluated(rule, 'images', images.failure))
  noteUnseen(evaluation, policy, rule, images, subject.initial)
  if (images.matched.length === 0) return none

  const found = await evaluateImages(
    evaluation,
    { policy, rule, images, scope: openRuleScope(evaluation, policy.policy, rule, images, subject.object) },
    handler,
    { exceptions, request },
  )
  return { ...found, findings: asKyvernoSees(images, found.findings) }
}

function notEvaluated(rule: Rule, step: RuleStep, reason: Reason): RuleFindings {
  return { rule: rule.name, findings: [{ kind: 'rule-not-evaluated', step, reason }] }
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
): Promise<RuleFindings> {
  const { rule, scope } = prepared
  const met = await scope.holds(rule.preconditions, 'select')
  if ('failure' in met) return withOwnProperties(rule, notEvaluated(rule, 'preconditions', met.failure))
  if (!met.holds) {
    const { message } = met
    return withOwnProperties(rule, { rule: rule.name, findings: [{ kind: 'preconditions-not-met', message }] })
  }

  for (const { image } of prepared.images.matched) evaluation.matchedImages.add(image.pointer)
  const properties = await scope.reportProperties()
  const exempting = await holdingExceptions(exceptions, request, scope)
  const found: RuleFindings =
    exempting.length === 0
      ? await handler.handle(evaluation, prepared)
      : {
          rule: rule.name,
          findings: [{ kind: 'exempted', exceptions: exempting.map(({ namespace, name }) => `${namespace}/${name}`) }],
        }
  return properties === undefined ? found : { ...found, properties }
}

/** If Kyverno matches no image it has no row; we have one only where we refuse. */
function asKyvernoSees({ matched }: RuleImages, findings: readonly RuleFinding[]): readonly RuleFinding[] {
  const [first] = matched
  if (first === undefined || matched.some(({ seenByKyverno }) => seenByKyverno)) return findings
  const difference = differenceOf(first.image)
  return findings.filter(isRefusing).map((finding) => onlyOurs(finding, { kyverno: 'nothing', difference }))
}

/** Adds `reportProperties` as they are written: a rule that ends early does not substitute their variables. */
function withOwnProperties({ reportProperties }: Rule, found: RuleFindings): RuleFindings {
  return reportProperties === undefined ? found : { ...found, properties: reportProperties }
}

/** Notes where Kyverno checks nothing: kinds whose image fields are unknown (S27), forms that its patterns do not match (S15). */
function noteUnseen(
  { notices }: Evaluation,
  { policy }: CompiledPolicy,
  rule: Rule,
  { all, matched }: RuleImages,
  object: JsonObject,
): void {
  const name = `policy ${policy.name}.${rule.name}`
  // The object's own kind: its images were extracted by it.
  const kind = String(object['kind'])
  if (all.length === 0 && !hasExtractor(kind, rule.imageExtractors))
    notices.add(`${name}: the image fields of ${kind} are unknown without imageExtractors, so no image was checked`)
  for (const { image, seenByKyverno } of matched)
    if (!seenByKyverno)
      notices.add(
        `${name}: ${image.reference.reference} at ${image.pointer} was checked; Kyverno would not have checked it`,
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

/** Reads the labels of the namespace only if something selects by them. */
async function matchRequestOf(
  evaluation: Evaluation,
  { policy }: CompiledPolicy,
  rule: Rule,
  exceptions: readonly PolicyException[],
  object: JsonObject | undefined,
): Promise<MatchRequest | { readonly failure: Reason }> {
  const { request } = evaluation
  const needed = needsNamespaceLabels(rule) || exceptions.some(({ match }) => needsNamespaceLabels({ match }))
  const answer = needed ? await evaluation.namespaceLabels() : { labels: {} }
  if ('failure' in answer) return answer
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
