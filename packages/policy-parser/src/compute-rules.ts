import { isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { CONTROLLERS_ANNOTATION, autogenControllers } from './autogen/controllers.ts'
import { controllersRule, cronJobRule } from './autogen/generate-rule.ts'
import { decodeRule, toJson } from './decode-rule.ts'
import { valueAt } from './json-value.ts'
import type { Policy, Rule } from './model.ts'
import { omitEmpty } from './schema/omit-empty.ts'
import { ruleSchema } from './schema/policy-schema.ts'

/** A rule as it is evaluated, and the index in `spec.rules` of the rule that it is or was generated from. */
export interface ComputedRule {
  readonly rule: Rule
  readonly origin: number
}

/**
 * Returns the rules of a policy, with those that Kyverno generates from rules about Pods for the controllers of Pods.
 *
 * @param kind only for this kind; empty for all controllers. A kind that rules are not generated for gets the
 *   policy's own rules.
 * @see Kyverno, pkg/autogen/v1
 */
export function computeRules(policy: Policy, kind: string): readonly ComputedRule[] {
  const own = policy.spec.rules.map((rule, origin) => ({ rule, origin }))
  const annotation = Object.hasOwn(policy.annotations, CONTROLLERS_ANNOTATION)
    ? policy.annotations[CONTROLLERS_ANNOTATION]
    : undefined
  const generated = generateRules(policy.spec.rules.map(toJson), annotation, kind)
  if (generated.length === 0) return own
  return [
    ...own.filter(({ rule: { name } }) => !name.startsWith('autogen-')),
    ...generated.map(({ rule, origin }) => ({ rule: decodeRule(rule), origin })),
  ]
}

/** A generated rule and the index of the rule it comes from. */
export interface GeneratedRule {
  readonly rule: JsonObject
  readonly origin: number
}

/** Returns the generated rules; none if autogen does not apply. */
export function generateRules(
  rules: readonly JsonObject[],
  annotation: string | undefined,
  kind: string,
): GeneratedRule[] {
  const controllers = autogenControllers(rules, annotation)
  if (kind !== '' && !controllers.has(kind)) return []
  const list = (kind === '' ? [...controllers].join(',') : kind).split(',')
  if (list.length === 1 && list[0] === 'none') return []
  return rules.flatMap((rule, origin) =>
    [
      rewritten(
        controllersRule(
          rule,
          list.filter((name) => name !== 'CronJob'),
        ),
        'controllers',
      ),
      rewritten(cronJobRule(rule, list), 'cronJob'),
    ]
      .filter((made) => made !== undefined)
      .map((made) => ({ rule: made, origin })),
  )
}

/**
 * Rewrites the fields of a generated rule in its JSON text, which drops empty values.
 * `imageExtractors` are dropped: generated rules find images where controllers keep them.
 */
function rewritten(rule: JsonObject | undefined, target: RewriteTarget): JsonObject | undefined {
  if (rule === undefined) return undefined
  const { imageExtractors: _dropped, ...kept } = rule
  const text = rewriteFields(
    JSON.stringify(omitEmpty(kept, ruleSchema)),
    target,
    isJsonObject(valueAt(rule, 'validate', 'cel')),
  )
  const parsed: Json = JSON.parse(text)
  return isJsonObject(parsed) ? parsed : undefined
}

/** Where the Pod's fields are in a controller, and in a CronJob. */
const TEMPLATES = { controllers: 'spec.template', cronJob: 'spec.jobTemplate.spec.template' } as const

type RewriteTarget = keyof typeof TEMPLATES

/**
 * Moves the paths of a Pod into a controller's template in the JSON text of a rule: in variables, messages and keys
 * alike.
 *
 * @param cel whether the rule has CEL expressions, which say `object` without `request`
 * @see Kyverno, pkg/autogen/v1: updateFields
 */
function rewriteFields(text: string, target: RewriteTarget, cel: boolean): string {
  const template = TEMPLATES[target]
  const lead = cel ? '' : 'request.'
  // One after the other, as Kyverno does: no result contains what is searched for next.
  return (['spec', 'metadata'] as const)
    .flatMap((field) => [`${lead}object`, `${lead}oldObject`].map((object) => ({ field, object })))
    .reduce(
      (rewritten, { field, object }) => rewritten.replaceAll(`${object}.${field}`, `${object}.${template}.${field}`),
      text,
    )
}

/** Returns the autogen annotation of a policy document. */
export function controllersAnnotation(document: JsonObject): string | undefined {
  const annotation = ownMember(valueAt(document, 'metadata', 'annotations'), CONTROLLERS_ANNOTATION)
  return typeof annotation === 'string' ? annotation : undefined
}
