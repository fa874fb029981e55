import type { Reason, StatementJudge } from '@verify-images/attestor-evaluator'
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
import { LazyContext, strictRowOfError, type Variables } from './lazy-context.ts'
import { entryLoader } from './load-entry.ts'
import { objectOf } from '../../request/copy-json.ts'
import type { Denial } from '../rule-finding.ts'
import type { Evaluation } from '../evaluation.ts'
import { registryFor } from '../registry-access.ts'
import type { RuleImages } from '../images/rule-images.ts'

export type Answer = { readonly holds: boolean; readonly message: string } | { readonly failure: Reason }

/** What expressions in one rule see, and what is asked of them. */
export interface RuleScope {
  /**
   * Whether conditions hold; absent ones do. `select` is for preconditions, where holding makes the rule apply, `allow`
   * for exceptions, where it exempts from the rule: data that looks like a pattern must do neither favour.
   */
  readonly holds: (conditions: Json | undefined, purpose: ConditionPurpose) => Promise<Answer>
  /** The rule with its variables filled in, except in conditions, which are evaluated later. */
  readonly substituteRule: () => Promise<{ readonly rule: Rule } | { readonly failure: Reason }>
  /** `reportProperties`, with their variables filled in. */
  readonly reportProperties: () => Promise<Rule['reportProperties']>
  readonly forImage: (image: ExtractedImage) => ImageScope
}

/** The same, while one image is verified. */
export interface ImageScope {
  readonly judge: StatementJudge
  /**
   * Whether `validate.deny` speaks against the image: undefined when not, else why. The predicates are visible under
   * the names of their attestations.
   */
  readonly denies: (
    entries: readonly ImageVerification[],
    predicates: ReadonlyMap<string, Json>,
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
    registry: (named) => registryFor(evaluation, { named, podSecrets: [] }),
  })
  const variables = new LazyContext(builtInVariables(request, object, images.all), rule.context ?? [], load, engine)
  const reading = settings.compatibility.compareConditionsLoosely ? 'upstream' : 'strict'
  const options: ConditionOptions = { reading, operation: request.operation }
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
        denies: (entries, predicates) => denies(entries, variables, { ...locals, ...objectOf(predicates) }, options),
      }
    },
  }
}

/** Errors of evaluation are answers here; anything else is not ours to swallow. */
async function answer<T>(work: () => Promise<T>): Promise<T | { readonly failure: Reason }> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error
    const difference = strictRowOfError(error)
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
 * Conditions over attested data see variables that do not exist yet, so they are put aside while the rest of the rule is
 * filled in. A member that changes its type by this is an error, as in upstream's decoding.
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
      // The message has to be filled in with the rule, and is once more when it is needed: from the policy's own text, never twice.
      ...(original[i]?.validate === undefined ? {} : { validate: original[i].validate }),
    })),
  }
}

/** As they stand in the rule where one cannot be filled in, or comes to something else than text. */
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
  /** What no attested data may stand in for: these mean something else. */
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
 * The conditions over a statement see its members and, by the names of their attestations, the predicates that were verified
 * until then. Upstream lets a member change what is there under its name, and shows named predicates to all that comes
 * after in the rule, also to what is about another image. Where one of the two would matter, nothing is seen (S16).
 */
function judgeOf(
  variables: Variables,
  locals: JsonObject,
  { taken, attestations }: RuleNames,
  options: ConditionOptions,
): StatementJudge {
  const isName = (text: string): boolean => taken.has(text) || attestations.has(text)
  return async ({ name = '', conditions = [] }, _statement, predicate, named) => {
    if (taken.has(name)) return { failure: nameTaken(name) }
    if (conditions.length === 0) return { holds: true }
    const members = isJsonObject(predicate) ? Object.entries(predicate) : []
    const [own, disputed] = [
      members.filter(([member]) => !isName(member)),
      members.map(([member]) => member).filter(isName),
    ]
    const elsewhere = new Set([...[...attestations].filter((each) => !named.has(each)), ...disputed])
    const list = conditions as unknown as Json
    const visible = { ...objectOf([...named, ...own]), ...locals }
    const result = await answer(() =>
      variables.evaluate((context) => evaluateAttestationConditions(list, context, options), visible, [...elsewhere]),
    )
    if ('failure' in result) return { failure: { message: result.failure.message, reason: result.failure } }
    return result.holds ? { holds: true } : { holds: false, message: result.message, ...rowOf(result) }
  }
}

/** Attested data would pass for the request, or for what the policy has looked up. */
function nameTaken(name: string): { readonly message: string; readonly reason: Reason } {
  const message = `the name \`${name}\` of the attestation means something else`
  return { message, reason: { code: 'ATTESTOR_POLICY_INVALID', message, difference: 'S16' } }
}

/** The row of docs/differences.md by which conditions came out otherwise than in Kyverno. */
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

/** Every entry of a rule is asked, in order; the first that denies, or cannot be told, ends it. */
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
