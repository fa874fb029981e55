import { isJsonObject, itemsOf, ownValue, textOf, textsOf, valueAt } from '../json-value.ts'
import { containsKind } from '../kind-selector.ts'
import type { Json, JsonObject } from '../model.ts'
import { hasGenerate } from '../rule-type.ts'

export const CONTROLLERS_ANNOTATION = 'pod-policies.kyverno.io/autogen-controllers'

const CONTROLLERS = ['DaemonSet', 'Deployment', 'Job', 'StatefulSet', 'ReplicaSet', 'ReplicationController', 'CronJob'] as const
const WANTED: ReadonlySet<string> = new Set(['Pod', ...CONTROLLERS])

/** The controllers that rules are generated for, or `none`. An annotation replaces the list where autogen applies at all. */
export function autogenControllers(rules: readonly JsonObject[], annotation: string | undefined): ReadonlySet<string> {
  if (!autogenApplies(rules)) return new Set(['none'])
  return new Set(annotation === undefined ? CONTROLLERS : annotation.split(','))
}

/**
 * Whether rules for Pods may be rewritten for their controllers. One rule that cannot be, spoils it for all.
 *
 * @see Kyverno, pkg/autogen/v1: CanAutoGen
 */
function autogenApplies(rules: readonly JsonObject[]): boolean {
  let wanted = false
  for (const rule of rules) {
    if (hasGenerate(rule) || hasJsonPatch(ownValue(rule, 'mutate'))) return false
    for (const description of descriptions(rule)) {
      if (isParticular(description)) return false
      // Literally one of these words: a policy that only says `v1/Pod` gets no generated rules.
      wanted ||= textsOf(ownValue(description, 'kinds')).some((kind) => WANTED.has(kind))
    }
  }
  return wanted
}

function hasJsonPatch(mutate: Json | undefined): boolean {
  return [mutate, ...itemsOf(ownValue(mutate, 'foreach'))].some((part) => textOf(part, 'patchesJson6902') !== '')
}

function descriptions(rule: JsonObject): (Json | undefined)[] {
  return [ownValue(rule, 'match'), ownValue(rule, 'exclude')].filter(isJsonObject).flatMap((block) =>
    [block, ...itemsOf(ownValue(block, 'any')), ...itemsOf(ownValue(block, 'all'))].map((item) => valueAt(item, 'resources')))
}

/** Names and labels of a Pod say nothing about its controller. An empty selector or annotation map counts, empty names do not. */
function isParticular(description: Json | undefined): boolean {
  const kinds = textsOf(ownValue(description, 'kinds'))
  return textOf(description, 'name') !== '' || itemsOf(ownValue(description, 'names')).length > 0
    || isJsonObject(ownValue(description, 'selector')) || isJsonObject(ownValue(description, 'annotations'))
    || (kinds.length > 1 && containsKind(kinds, 'Pod'))
}
