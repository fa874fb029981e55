import type { Reason, Statement, StatementJudge, Verified } from '@verify-images/attestor-evaluator'
import {
  ConditionError,
  evaluateAttestationConditions,
  evaluateConditions,
  substitute,
  type ConditionOptions,
  type ConditionPurpose,
  type ConditionResult,
} from '@verify-images/condition-engine'
import type { DifferenceRow } from '@verify-images/primitives'
import type { ExtractedImage } from '@verify-images/image-matcher'
import {
  decodeRule,
  encodeRule,
  PolicyError,
  type ImageVerification,
  type Policy,
  type Rule,
} from '@verify-images/policy-parser'
import { isJsonObject, type Json, type JsonObject } from '@verify-images/primitives'
import { builtInVariables, imageVariable, RESERVED_VARIABLES } from './built-in-variables.ts'
import { LazyContext, differenceOfError, type Variables } from './lazy-context.ts'
import { entryLoader } from './load-entry.ts'
import { objectOf } from '../../request/copy-json.ts'
import type { Denial } from '../rule-finding.ts'
import type { Evaluation } from '../evaluation.ts'
import { registryFor } from '../registry-access.ts'
import type { RuleImages } from '../images/rule-images.ts'

export type Answer = { readonly holds: boolean; readonly message: string } | { readonly failure: Reason }

/** Evaluates the expressions of one rule. */
export interface RuleScope {
  /**
   * Returns whether conditions hold; absent ones do. The purpose is `select` for preconditions, where holding makes the rule
   * apply, and `allow` for exceptions, where it exempts: data that looks like a pattern must cause neither.
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

export function openRuleScope(
  evaluation: Evaluation,
  policy: Policy,
  rule: Rule,
  images: RuleImages,
  object: JsonObject | undefined,
): RuleScope {
  const { request, kubernetes, engine, signal, settings } = evaluation
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
  const variables = new LazyContext(builtInVariables(request, object, images.all), rule.context ?? [], load, engine)
  const compatibility = settings.compatibility.compareConditionsLoosely ? 'kyverno' : 'strict'
  const options: ConditionOptions = { compatibility, operation: request.operation }
  const names = namesOf(rule)
  return {
    holds: (conditions, purpose) =>
      answer(() => variables.evaluate((context) => evaluateConditions(conditions, context, { ...options, purpose }))),
    substituteRule: () => substituteRule(rule, variables, request.operation),
    reportProperties: () => reportProperties(rule, variables, request.operation),
    forImage: (image) => {
      const locals = { image: imageVariable(image.reference) }
      return {
        judge: judgeOf(variables, locals, names, options),
        denies: (entries, statements) =>
          denies(entries, variables, { ...locals, ...objectOf(predicatesOf(statements)) }, options),
      }
    },
  }
}

/** Turns an evaluation error into a failure. Any other error is a bug and is thrown. */
async function answer<T>(work: () => Promise<T>): Promise<T | { readonly failure: Reason }> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error
    const difference = differenceOfError(error)
    return {
      failure: {
        code: error.code,
        message: error.message,
        ...(difference === undefined ? rowOf(error) : { difference }),
      },
    }
  }
}

/**
 * Substitutes all of a rule but its conditions over attested data, whose variables do not exist yet. A member that changes
 * its type is an error, as in Kyverno's decoding.
 */
async function substituteRule(
  rule: Rule,
  variables: Variables,
  operation: string,
): Promise<{ readonly rule: Rule } | { readonly failure: Reason }> {
  const entries = rule.verifyImages ?? []
  const withoutConditions = {
    ...rule,
    verifyImages: entries.map(({ attestations, validate, ...entry }) => ({
      ...entry,
      ...(attestations ? { attestations: attestations.map(({ conditions: _, ...attestation }) => attestation) } : {}),
      ...(validate?.message === undefined ? {} : { validate: { message: validate.message } }),
    })),
  }
  return answer(async () => {
    const filled = await variables.evaluate((context) =>
      substitute(encodeRule(withoutConditions), context, { operation }),
    )
    try {
      return { rule: restoreConditions(decodeRule(filled), entries) }
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
      return { failure: { code: error.code, message: error.message } }
    }
  })
}

function restoreConditions(rule: Rule, original: readonly ImageVerification[]): Rule {
  return {
    ...rule,
    verifyImages: (rule.verifyImages ?? []).map((entry, i) => ({
      ...entry,
      ...(entry.attestations
        ? {
            attestations: entry.attestations.map((attestation, j) => {
              const conditions = original[i]?.attestations?.[j]?.conditions
              return conditions === undefined ? attestation : { ...attestation, conditions }
            }),
          }
        : {}),
      // The message is substituted with the rule, as in Kyverno, and again when it is needed: from the policy's own text.
      ...(original[i]?.validate === undefined ? {} : { validate: original[i].validate }),
    })),
  }
}

/** Returns them unsubstituted if one of them fails, or is not a string afterwards. */
async function reportProperties(
  { reportProperties: properties }: Rule,
  variables: Variables,
  operation: string,
): Promise<Rule['reportProperties']> {
  if (properties === undefined) return undefined
  const result = await answer(async () => ({
    filled: await variables.evaluate((context) => substitute(properties, context, { operation })),
  }))
  if ('failure' in result || !isJsonObject(result.filled)) return properties
  const texts = Object.entries(result.filled).map(([key, value]) => [key, value ?? ''] as const)
  return texts.every(isText) ? (objectOf(texts) as Record<string, string>) : properties
}

function isText(member: readonly [string, Json]): member is readonly [string, string] {
  return typeof member[1] === 'string'
}

interface RuleNames {
  /** Names that attested data must not take: they mean something else. */
  readonly taken: ReadonlySet<string>
  readonly attestations: ReadonlySet<string>
}

function namesOf({ verifyImages = [], context = [] }: Rule): RuleNames {
  const attestations = verifyImages.flatMap(({ attestations: named = [] }) => named.flatMap(({ name }) => name || []))
  return {
    taken: new Set([...RESERVED_VARIABLES, ...context.map(({ name }) => name)]),
    attestations: new Set(attestations),
  }
}

/**
 * Creates the judge of statements. Conditions over a statement see its members and, under the names of their attestations,
 * the predicates that were verified before. In Kyverno a member replaces what has its name, and named predicates stay visible
 * for the rest of the rule, also for other images. Where that would matter, the condition fails instead (S16).
 */
function judgeOf(
  variables: Variables,
  locals: JsonObject,
  { taken, attestations }: RuleNames,
  options: ConditionOptions,
): StatementJudge {
  const isName = (text: string): boolean => taken.has(text) || attestations.has(text)
  return async ({ name = '', conditions = [] }, { predicate }, named) => {
    if (taken.has(name)) return { failure: nameTaken(name) }
    if (conditions.length === 0) return { holds: true }
    const members = isJsonObject(predicate) ? Object.entries(predicate) : []
    const [own, disputed] = [
      members.filter(([member]) => !isName(member)),
      members.map(([member]) => member).filter(isName),
    ]
    const elsewhere = new Set([...[...attestations].filter((each) => !named.has(each)), ...disputed])
    const list = conditions as unknown as Json
    const visible = { ...objectOf([...predicatesOf(named), ...own]), ...locals }
    const result = await answer(() =>
      variables.evaluate((context) => evaluateAttestationConditions(list, context, options), visible, [...elsewhere]),
    )
    if ('failure' in result) return { failure: { message: result.failure.message, reason: result.failure } }
    return result.holds ? { holds: true } : { holds: false, message: result.message, ...rowOf(result) }
  }
}

function predicatesOf(named: ReadonlyMap<string, Verified<Statement>>): readonly (readonly [string, Json])[] {
  return [...named].map(([name, { predicate }]) => [name, predicate])
}

/** Attested data under this name would pass for the request, or for a context entry. */
function nameTaken(name: string): { readonly message: string; readonly reason: Reason } {
  const message = `the name \`${name}\` of the attestation is taken: it means something else in this rule`
  return { message, reason: { code: 'ATTESTOR_POLICY_INVALID', message, difference: 'S16' } }
}

/** The row of docs/differences.md, if conditions differ from Kyverno's. */
function rowOf({ difference }: { readonly difference?: Difference | undefined }): Pick<Reason, 'difference'> {
  return difference === undefined ? {} : { difference: DIFFERENCE_ROWS[difference] }
}

type Difference = NonNullable<ConditionResult['difference'] | ConditionError['difference']>
const DIFFERENCE_ROWS: Readonly<Record<Difference, DifferenceRow>> = {
  escape: 'S17',
  pattern: 'S18',
  uncomparable: 'S19',
  empty: 'cnd-empty',
}

/** Evaluates the `deny` of each entry in order, up to the first that denies or fails. */
async function denies(
  entries: readonly ImageVerification[],
  variables: Variables,
  locals: JsonObject,
  options: ConditionOptions,
): Promise<Denial | undefined> {
  for (const { validate } of entries) {
    if (validate?.deny === undefined) continue
    const { conditions } = validate.deny
    const held = await answer(() =>
      variables.evaluate((context) => evaluateConditions(conditions, context, { ...options, purpose: 'deny' }), locals),
    )
    if ('failure' in held) return { kind: 'conditions-failed', message: '', reason: held.failure }
    if (!held.holds) continue
    const message = await denyMessage(validate.message, held.message, variables, locals, options)
    const reason = {
      code: 'VERIFIER_DENIED' as const,
      message: message || 'the conditions of `validate.deny` hold',
      ...rowOf(held),
    }
    return { kind: 'conditions-hold', message, reason }
  }
  return undefined
}

async function denyMessage(
  own: string | undefined,
  ofCondition: string,
  variables: Variables,
  locals: JsonObject,
  { operation }: ConditionOptions,
): Promise<string> {
  const template = [own, ofCondition].filter(Boolean).join('; ')
  if (template === '') return ''
  const filled = await answer(() =>
    variables.evaluate(
      (context) => substitute(template, context, operation === undefined ? {} : { operation }),
      locals,
    ),
  )
  return typeof filled === 'string' ? filled : ofCondition
}
