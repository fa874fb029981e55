import { isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf, stringAt, stringsOf, valueAt } from '../json-value.ts'
import { containsKind } from '../kind-selector.ts'
import { hasGenerate } from '../rule-type.ts'

export const CONTROLLERS_ANNOTATION = 'pod-policies.kyverno.io/autogen-controllers'

/** Pods and their controllers, each with the full kind that generated rules match. */
export const FULL_KINDS: ReadonlyMap<string, string> = new Map([
  ['Pod', 'v1/Pod'],
  ['DaemonSet', 'apps/v1/DaemonSet'],
  ['Deployment', 'apps/v1/Deployment'],
  ['Job', 'batch/v1/Job'],
  ['StatefulSet', 'apps/v1/StatefulSet'],
  ['ReplicaSet', 'apps/v1/ReplicaSet'],
  ['ReplicationController', 'v1/ReplicationController'],
  ['CronJob', 'batch/v1/CronJob'],
])
/** The kinds whose rules may differ from those of any other kind. */
export const podKinds: readonly string[] = [...FULL_KINDS.keys()]
export const POD_AND_CONTROLLERS: ReadonlySet<string> = new Set(podKinds)
const CONTROLLERS: readonly string[] = podKinds.filter((kind) => kind !== 'Pod')

/**
 * Returns the controllers that rules are generated for, or `none`. If autogen applies at all, an annotation replaces
 * the list.
 */
export function autogenControllers(rules: readonly JsonObject[], annotation: string | undefined): ReadonlySet<string> {
  if (autogenObstacle(rules) !== undefined) return new Set(['none'])
  return new Set(annotation === undefined ? CONTROLLERS : annotation.split(','))
}

/**
 * Returns why no rule for Pods is rewritten for their controllers, or undefined. One rule that cannot be rewritten
 * prevents it for all.
 *
 * @see Kyverno, pkg/autogen/v1: CanAutoGen
 */
export function autogenObstacle(rules: readonly JsonObject[]): string | undefined {
  let wanted = false
  for (const rule of rules) {
    if (hasGenerate(rule)) return 'a rule of the policy generates'
    if (hasJsonPatch(ownMember(rule, 'mutate'))) return 'a rule of the policy has a JSON patch'
    for (const description of descriptions(rule)) {
      const kinds = stringsOf(ownMember(description, 'kinds'))
      if (isParticular(description)) return 'a rule of the policy selects by name, label or annotation'
      if (kinds.length > 1 && containsKind(kinds, 'Pod')) return 'a list of kinds has more than Pod'
      // Literally one of these words: a policy that only says `v1/Pod` gets no generated rules.
      wanted ||= kinds.some((kind) => POD_AND_CONTROLLERS.has(kind))
    }
  }
  return wanted ? undefined : 'the kind is not written `Pod`'
}

/** Returns whether a kind is one that rules are generated for. */
export function isController(kind: string): boolean {
  return CONTROLLERS.includes(kind)
}

function hasJsonPatch(mutate: Json | undefined): boolean {
  return [mutate, ...itemsOf(ownMember(mutate, 'foreach'))].some((part) => stringAt(part, 'patchesJson6902') !== '')
}

function descriptions(rule: JsonObject): (Json | undefined)[] {
  return [ownMember(rule, 'match'), ownMember(rule, 'exclude')]
    .filter(isJsonObject)
    .flatMap((block) =>
      [block, ...itemsOf(ownMember(block, 'any')), ...itemsOf(ownMember(block, 'all'))].map((item) =>
        valueAt(item, 'resources'),
      ),
    )
}

/**
 * Names and labels of a Pod are not those of its controller. An empty selector or annotation map counts, empty names do
 * not.
 */
function isParticular(description: Json | undefined): boolean {
  return (
    stringAt(description, 'name') !== '' ||
    itemsOf(ownMember(description, 'names')).length > 0 ||
    isJsonObject(ownMember(description, 'selector')) ||
    isJsonObject(ownMember(description, 'annotations'))
  )
}
