import type { Reason, Statement, StatementJudge, Verified } from '@verify-images/attestor-evaluator'
import { evaluateConditions, type ConditionOptions, type ConditionPurpose } from '@verify-images/condition-engine'
import type { ExtractedImage } from '@verify-images/image-matcher'
import type { ImageVerification, Policy, Rule } from '@verify-images/policy-parser'
import { type Json, type JsonObject, yieldIfDue } from '@verify-images/primitives'
import type { Evaluation } from '../evaluation.ts'
import type { RuleImages } from '../images/rule-images.ts'
import { registryFor } from '../registry-access.ts'
import type { Denial } from '../rule-finding.ts'
import { answer, type Answer } from './answer.ts'
import { conditionsIn } from './attested-work.ts'
import { builtInVariables, imageVariable } from './built-in-variables.ts'
import { denies } from './deny.ts'
import { judgeOf, namesOf, predicatesOf } from './judge-statements.ts'
import { LazyContext } from './lazy-context.ts'
import { entryLoader } from './load-entry.ts'
import { withRoles } from './role-variables.ts'
import { reportProperties, substituteRule } from './substitute-rule.ts'

/** Evaluates the expressions of one rule. */
export interface RuleScope {
  /**
   * Returns whether conditions hold; absent ones do. The purpose is `select` for preconditions, where holding makes the
   * rule apply, and `allow` for exceptions, where it exempts: data that looks like a pattern must cause neither.
   */
  readonly holds: (conditions: Json | undefined, purpose: ConditionPurpose) => Promise<Answer>
  /** Substitutes the variables of the rule, except in conditions, which are evaluated later. */
  readonly substituteRule: () => Promise<{ readonly rule: Rule } | { readonly failure: Reason }>
  /** Substitutes the variables in `reportProperties`. */
  readonly reportProperties: () => Promise<Rule['reportProperties']>
  readonly forImage: (image: ExtractedImage) => ImageScope
}

/** Evaluates the expressions of a rule for one image. */
export interface ImageScope {
  readonly judge: StatementJudge
  /**
   * Returns the denial of the first `validate.deny` that denies the image. The predicates of the statements are visible
   * under the names of their attestations.
   */
  readonly denies: (
    entries: readonly ImageVerification[],
    statements: ReadonlyMap<string, Verified<Statement>>,
  ) => Promise<Denial | undefined>
}

export async function openRuleScope(
  evaluation: Evaluation,
  policy: Policy,
  rule: Rule,
  images: RuleImages,
  object: JsonObject | undefined,
): Promise<RuleScope> {
  const { kubernetes, engine, signal, settings } = evaluation
  const { request, unknownRoles } = await withRoles(evaluation, policy, rule)
  const load = entryLoader({
    kubernetes,
    engine,
    signal,
    references: settings.references,
    operation: request.operation,
    policyNamespace: policy.namespace,
    contextText: settings.kyverno.contextText,
    registry: (named) => registryFor(evaluation, { named, podSecrets: [] }),
  })
  const builtIn = builtInVariables(request, object, images.all)
  const variables = new LazyContext(builtIn, rule.context ?? [], load, engine, {
    unknownRoles,
    workAway: evaluation.predicates.workAway,
    beforeAsking: async (question) => {
      evaluation.budget.spend('conditions', conditionsIn(question), `rule ${rule.name}`)
      await yieldIfDue(signal)
    },
  })
  const compatibility = settings.compatibility.compareConditionsLoosely ? 'kyverno' : 'strict'
  const options: ConditionOptions = { compatibility, operation: request.operation }
  const names = namesOf(rule)
  return {
    holds: async (conditions, purpose) => {
      await yieldIfDue()
      // Not counted: as many as the policy writes, and the validating phase needs them when the budget is used up.
      return answer(() =>
        variables.evaluate((context) => evaluateConditions(conditions, context, { ...options, purpose })),
      )
    },
    substituteRule: () => substituteRule(rule, variables, request.operation),
    reportProperties: () => reportProperties(rule, variables, request.operation),
    forImage: (image) => {
      const locals = { image: imageVariable(image.reference) }
      return {
        judge: judgeOf(variables, locals, names, options),
        denies: (entries, statements) =>
          denies(entries, variables, { named: predicatesOf(statements), names: [], elsewhere: [], locals }, options),
      }
    },
  }
}
