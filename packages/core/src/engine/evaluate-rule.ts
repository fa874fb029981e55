import type { Reason } from '@verify-images/attestor-evaluator'
import { hasExtractor } from '@verify-images/image-matcher'
import type { Rule } from '@verify-images/policy-parser'
import type { JsonObject } from '@verify-images/primitives'
import { matchRuleByKnownFacts, type KnownFacts, type KnownMatch } from '../match/match-known-facts.ts'
import { groupVersionKindOf } from '../match/object-metadata.ts'
import type { CompiledPolicy } from './compile-policy.ts'
import type { Evaluation } from './evaluation.ts'
import { exceptionsThatHold } from './exceptions.ts'
import { differenceOf, imagesOfRule, type RuleImages } from './images/rule-images.ts'
import { factsOf, readFacts, type FactMatch } from './match-facts.ts'
import {
  isRefusing,
  onlyOurs,
  reasonsOfFinding,
  type RuleFinding,
  type RuleFindings,
  type RuleStep,
} from './rule-finding.ts'
import { openRuleScope, type RuleScope } from './context/rule-scope.ts'
import type { Phase } from '../verdict/rule-result.ts'

/** The object as a phase, and a rule within it, sees it. */
export interface RuleSubject {
  /** The object after the rules before this one; absent on DELETE. */
  readonly object: JsonObject | undefined
  /** The object that the phase began with: images are taken from it, so that every rule judges the same ones. */
  readonly initial: JsonObject | undefined
  /** Why it is unknown whether this rule is evaluated at all; see `applyRules: One`. */
  readonly unknown?: Reason | undefined
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
 * Evaluates one rule in one phase: match, find the images, evaluate preconditions and exceptions, and only then do the
 * work. Without findings the rule does not apply to the object.
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
  const facts = factsOf(evaluation, policy, subject.object)
  const match = (known: KnownFacts): KnownMatch => matchRuleByKnownFacts(rule, known)
  const known = match(facts)
  if (known === 'does-not-match' || subject.initial === undefined) return none

  const images = await imagesOfRule(evaluation, rule, subject.initial)
  const matchesImages = 'failure' in images || images.matched.length > 0
  // Facts are read only for a rule that could match and has something to check (S21).
  const matched: FactMatch =
    matchesImages && known === 'depends'
      ? await readFacts(evaluation, facts, { blocks: rule, match })
      : { kind: 'matches' }
  if (matched.kind === 'does-not-match') return none
  if (matched.kind === 'unreadable') return notEvaluated(rule, 'labels', matched.reason)
  if ('failure' in images) return withOwnProperties(rule, notEvaluated(rule, 'images', images.failure))
  noteUnseen(evaluation, policy, rule, images, subject.initial)
  if (!matchesImages) return none

  const scope = await openRuleScope(evaluation, policy.policy, rule, images, subject.object)
  const found = await evaluateImages(evaluation, { policy, rule, images, scope }, handler, facts)
  const seen = { ...found, findings: asKyvernoSees(images, found.findings) }
  const reason = subject.unknown ?? (matched.kind === 'unknown' ? matched.reason : undefined)
  return reason === undefined ? seen : assumed(seen, reason)
}

/**
 * Returns the findings of a rule of which it is unknown whether it applies. If it holds, that does not matter;
 * otherwise it is unknown whether the object is denied.
 */
function assumed(found: RuleFindings, unknown: Reason): RuleFindings {
  const refusal = found.findings.find(isRefusing)
  if (refusal === undefined) return { ...found, unknown }
  const [first] = reasonsOfFinding(refusal)
  const because = first === undefined ? '' : `; if it applies, it does not pass: ${first.code}: ${first.message}`
  const reason = { ...unknown, message: `it is unknown whether the rule applies: ${unknown.message}${because}` }
  return { ...found, unknown, findings: [{ kind: 'rule-not-evaluated', step: 'roles', reason }] }
}

function notEvaluated(rule: Rule, step: RuleStep, reason: Reason): RuleFindings {
  return { rule: rule.name, findings: [{ kind: 'rule-not-evaluated', step, reason }] }
}

async function evaluateImages(
  evaluation: Evaluation,
  prepared: PreparedRule,
  handler: RuleHandler,
  facts: KnownFacts,
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
  const exempting = await exceptionsThatHold(evaluation, prepared, facts)
  if ('failure' in exempting) return withProperties(properties, notEvaluated(rule, 'labels', exempting.failure))
  if (exempting.exceptions.length > 0) {
    const exceptions = exempting.exceptions.map(({ namespace, name }) => `${namespace}/${name}`)
    return withProperties(properties, { rule: rule.name, findings: [{ kind: 'exempted', exceptions }] })
  }
  const found = withProperties(properties, await handler.handle(evaluation, prepared))
  return exempting.unknown === undefined ? found : assumed(found, exempting.unknown)
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
  return withProperties(reportProperties, found)
}

function withProperties(properties: Rule['reportProperties'], found: RuleFindings): RuleFindings {
  return properties === undefined ? found : { ...found, properties }
}

/**
 * Notes where Kyverno checks nothing: kinds whose image fields are unknown (S27), forms that its patterns do not match
 * (S15).
 */
function noteUnseen(
  { notices, settings }: Evaluation,
  { policy }: CompiledPolicy,
  rule: Rule,
  { all, matched }: RuleImages,
  object: JsonObject,
): void {
  const name = `policy ${policy.name}.${rule.name}`
  // The object's own kind: its images were extracted by it.
  const { group, kind } = groupVersionKindOf(object)
  const commonGroup = settings.extractors === 'common' ? group : undefined
  if (all.length === 0 && !hasExtractor(kind, rule.imageExtractors, commonGroup))
    notices.add(`${name}: the image fields of ${kind} are unknown without imageExtractors, so no image was checked`)
  for (const { image, seenByKyverno } of matched)
    if (!seenByKyverno)
      notices.add(
        `${name}: ${image.reference.reference} at ${image.pointer} was checked; Kyverno would not have checked it`,
      )
}
