import type { MatchBlock, Policy, PolicyException, Rule } from '@verify-images/policy-parser'
import { isJsonObject, type Json, type JsonObject } from '@verify-images/primitives'
import { isDeepStrictEqual } from 'node:util'
import type { AdmissionRequest } from '../request/admission-request.ts'
import { valueAt } from '../request/json-patch.ts'
import { matchBlocksOf } from '../match/policy-scope.ts'

/**
 * Why an update was let through without judging the object: it is being deleted, its images cannot change, or it runs
 * already and `skipUnchangedImages` was asked for.
 */
export type Unjudged = 'being-deleted' | 'immutable' | 'unchanged-images'

/** What rules depend on, beside the specification of an object. */
export interface RuleInputs {
  readonly labels: boolean
  readonly annotations: boolean
  /**
   * Members outside the specification that an expression or an image extractor may read; undefined if there is neither.
   */
  readonly members: ReadonlySet<string> | undefined
  /** Who asks. The requester who made the old object is not known, so it cannot be compared. */
  readonly requester: boolean
}

/** What changes when a finalizer is removed, or a controller writes its status. */
const VOLATILE: readonly string[] = [
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generation',
  'managedFields',
  'ownerReferences',
  'resourceVersion',
  'status',
]

/**
 * An expression that takes the object, its metadata or what is around them as a whole (`@`, `*`), or spells a name with
 * an escape: it may read any member. An extractor with `metadata` in its path is one, too. An `@` between two letters
 * is that of an e-mail address.
 */
const WHOLE = [
  /[oO]bject(?!\.\w)|metadata(?!\.\w)/,
  /\brequest\b(?!\.\w)/,
  /\B@|@\B|(?:\{\{|"jmesPath":"|[(|,:&[])\s*\*(?!\])/,
  /\\\\u/,
]

/** Where an expression finds the requester: `request.userInfo`, `request.roles`, `serviceAccountName`, … */
const REQUESTER = [/userInfo|[rR]oles\b|serviceAccount/, ...WHOLE.slice(1)]

/** The first step of an extractor's path, if it is a name and not a wildcard. */
const NAMED_FIRST = /^[\s/]*\w/

/**
 * Returns what `match`, `exclude`, image extractors, preconditions and all other expressions of the policies can read.
 */
export function ruleInputs(policies: readonly Policy[], exceptions: readonly PolicyException[]): RuleInputs {
  const rules = policies.flatMap(({ spec }) => spec.rules)
  const matched = [...rules, ...exceptions].flatMap(matchBlocksOf)
  const blocks = matched.map(({ resources }) => resources)
  const computed = [
    ...rules.filter(
      (rule) =>
        rule.context !== undefined ||
        rule.preconditions !== undefined ||
        rule.imageExtractors !== undefined ||
        hasExpression(rule),
    ),
    ...exceptions.filter(({ conditions }) => conditions !== undefined),
  ].map((each) => JSON.stringify(each))
  const readsAll = computed.some((text) => WHOLE.some((whole) => whole.test(text))) || rules.some(extractsFromAnywhere)
  const reads = (name: string): boolean => readsAll || computed.some((text) => text.includes(name))
  return {
    labels: blocks.some((resources) => resources?.selector !== undefined),
    annotations: blocks.some((resources) => resources?.annotations !== undefined),
    members: computed.length === 0 ? undefined : new Set(VOLATILE.filter(reads)),
    requester: matched.some(selectsByRequester) || computed.some((text) => REQUESTER.some((each) => each.test(text))),
  }
}

function selectsByRequester({ subjects = [], roles = [], clusterRoles = [] }: MatchBlock): boolean {
  return subjects.length + roles.length + clusterRoles.length > 0
}

function extractsFromAnywhere({ imageExtractors = {} }: Rule): boolean {
  return Object.values(imageExtractors).some((each) => each.some(({ path }) => !NAMED_FIRST.test(path)))
}

function hasExpression(rule: object): boolean {
  return JSON.stringify(rule).includes('{{')
}

/**
 * Returns why an update need not be judged; undefined if it is judged.
 *
 * An object whose images can no longer change must stay deletable: a denial would keep the finalizers of a Pod that was
 * created before the policy. So an update is let through if it equals the API server's own old object in everything that
 * runs and everything that rules read. An old object from any other caller is not believed.
 *
 * The requester of an update under deletion is not compared, because a controller removes the finalizers of objects that
 * others created.
 */
export function unjudged(
  request: AdmissionRequest,
  inputs: RuleInputs,
  { skipUnchangedImages }: { readonly skipUnchangedImages: boolean },
): Unjudged | undefined {
  const { operation, object, oldObject, fromApiServer, subresource } = request
  if (!fromApiServer || operation !== 'UPDATE' || subresource !== '') return undefined
  if (object === undefined || oldObject === undefined) return undefined
  if (!runsNothingElse(request, object, oldObject) || !matchesTheSame(inputs, object, oldObject)) return undefined
  if (isBeingDeleted(oldObject)) return 'being-deleted'
  if (inputs.requester) return undefined
  if (hasImmutableTemplate(request)) return 'immutable'
  return skipUnchangedImages ? 'unchanged-images' : undefined
}

/** Returns whether an object is being deleted. Only the API server sets the timestamp, and never removes it. */
function isBeingDeleted(oldObject: JsonObject): boolean {
  return typeof valueAt(oldObject, '/metadata/deletionTimestamp') === 'string'
}

/** @see Kubernetes, pkg/apis/batch/validation: ValidateJobUpdate */
function hasImmutableTemplate({ gvk: { group, kind } }: AdmissionRequest): boolean {
  return group === 'batch' && kind === 'Job'
}

/**
 * Returns whether an update starts nothing: everything but metadata and status is equal. Of a Job that the update leaves
 * suspended, only the template must be equal: it starts no Pod until it is resumed. Resuming it, or raising its
 * parallelism while it runs, is judged.
 */
function runsNothingElse(request: AdmissionRequest, object: JsonObject, oldObject: JsonObject): boolean {
  if (hasImmutableTemplate(request) && valueAt(object, '/spec/suspend') === true)
    return equal(valueAt(object, '/spec/template'), valueAt(oldObject, '/spec/template'))
  return equal(withoutMembers(object, ['metadata', 'status']), withoutMembers(oldObject, ['metadata', 'status']))
}

function matchesTheSame(
  { labels, annotations, members }: RuleInputs,
  object: JsonObject,
  oldObject: JsonObject,
): boolean {
  if (members !== undefined) {
    const ignored = VOLATILE.filter((name) => !members.has(name))
    return equal(withoutVolatile(object, ignored), withoutVolatile(oldObject, ignored))
  }
  const same = (pointer: string): boolean => equal(valueAt(object, pointer), valueAt(oldObject, pointer))
  return (!labels || same('/metadata/labels')) && (!annotations || same('/metadata/annotations'))
}

function withoutVolatile(object: JsonObject, names: readonly string[]): JsonObject {
  const { metadata } = object
  const kept = withoutMembers(object, names)
  return isJsonObject(metadata) ? { ...kept, metadata: withoutMembers(metadata, names) } : kept
}

function withoutMembers(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}

function equal(a: Json | undefined, b: Json | undefined): boolean {
  return isDeepStrictEqual(a, b)
}

/**
 * Returns whether the API server would refuse, or drop, a new value of an image field of an object that it has: a patch
 * that pins it could not be admitted.
 *
 * @see Kubernetes, pkg/apis/core/validation: ValidatePodUpdate, ValidatePodEphemeralContainersUpdate
 */
export function isFixedImage(request: AdmissionRequest, pointer: string): boolean {
  const { operation, object, oldObject, fromApiServer, subresource, gvk } = request
  if (!fromApiServer || operation !== 'UPDATE') return false
  const before = valueAt(oldObject, pointer)
  if (before === undefined || before !== valueAt(object, pointer)) return false
  if (hasImmutableTemplate(request)) return pointer.startsWith('/spec/template/')
  if (gvk.group !== '' || gvk.kind !== 'Pod') return false
  return subresource === 'ephemeralcontainers' || /^\/spec\/(?:ephemeralContainers|volumes)\//.test(pointer)
}
