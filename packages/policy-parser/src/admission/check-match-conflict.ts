import { isJsonObject, type Json, type JsonObject, matchWildcard, ownMember } from '@verify-images/primitives'
import { allIn, haveCommon, itemsOf, sameJson, stringAt, stringsOf, valueAt } from '../json-value.ts'
import { LIMITS } from '../limits.ts'
import { isZeroStruct } from '../rule-type.ts'
import { descriptionOf } from './policy-view.ts'
import type { Check } from './policy-view.ts'

/** An `exclude` must not cover everything that `match` selects, as far as Kyverno compares them. */
export const checkMatchConflict: Check = ({ rules }, report) => {
  for (const { rule, path } of rules) {
    const names = ['match', 'exclude'].map((section) => itemsOf(valueAt(rule, section, 'resources', 'names')).length)
    if (Math.max(...names) > LIMITS.names)
      report('POLICY_TOO_LARGE', path, `more than ${LIMITS.names} names are matched or excluded`)
    else if (matchesNothing(ownMember(rule, 'match'), ownMember(rule, 'exclude')))
      report('POLICY_FIELD_CONFLICT', [...path, 'exclude'], 'excludes everything that the rule matches')
  }
}

/** @see Kyverno, api/kyverno/v1: ValidateMatchExcludeConflict */
function matchesNothing(match: Json | undefined, exclude: Json | undefined): boolean {
  if (!isJsonObject(match) || !isJsonObject(exclude)) return false
  if (itemsOf(ownMember(match, 'all')).length > 0 || itemsOf(ownMember(exclude, 'all')).length > 0) return false
  const [any, anyExcluded] = [itemsOf(ownMember(match, 'any')), itemsOf(ownMember(exclude, 'any'))]
  if (any.length > 0 && anyExcluded.length > 0)
    return haveCommon(any.map(withoutEmptyName), anyExcluded.map(withoutEmptyName))
  if (isZeroMatch(exclude)) return false
  if (!usersCovered(match, exclude)) return false

  const [wanted, taken] = [descriptionOf(match), descriptionOf(exclude)]
  if (stringAt(taken, 'name') !== '' && !matchWildcard(stringAt(taken, 'name'), stringAt(wanted, 'name'))) return false
  const names = stringsOf(ownMember(taken, 'names'))
  if (names.length > 0)
    return stringsOf(ownMember(wanted, 'names')).some((name) => names.some((pattern) => matchWildcard(pattern, name)))
  if (!listCovered(wanted, taken, 'namespaces') || !listCovered(wanted, taken, 'kinds')) return false
  return (
    selectorCovered(wanted, taken, 'selector') &&
    selectorCovered(wanted, taken, 'namespaceSelector') &&
    sameJson(ownMember(wanted, 'annotations'), ownMember(taken, 'annotations'))
  )
}

/** Go does not distinguish an empty name from an absent one. */
function withoutEmptyName(block: Json): Json {
  const resources = valueAt(block, 'resources')
  if (!isJsonObject(block) || !isJsonObject(resources) || resources['name'] !== '') return block
  const { name: _, ...kept } = resources
  return { ...block, resources: kept }
}

function isZeroMatch(match: JsonObject): boolean {
  return Object.entries(match).every(([key, value]) => value === null || (key === 'resources' && isZeroStruct(value)))
}

function usersCovered(match: JsonObject, exclude: JsonObject): boolean {
  const taken = itemsOf(ownMember(exclude, 'subjects'))
  const wanted = itemsOf(ownMember(match, 'subjects'))
  const subjects = taken.length === 0 || (wanted.length > 0 && allIn(wanted, taken))
  return subjects && listCovered(match, exclude, 'roles') && listCovered(match, exclude, 'clusterRoles')
}

/** Returns whether `exclude` covers every value of `match`; an empty list covers all. */
function listCovered(wanted: JsonObject, taken: JsonObject, key: string): boolean {
  const away = stringsOf(ownMember(taken, key))
  const all = stringsOf(ownMember(wanted, key))
  return away.length === 0 || (all.length > 0 && allIn(all, away))
}

function selectorCovered(wanted: JsonObject, taken: JsonObject, key: string): boolean {
  const [mine, away] = [ownMember(wanted, key), ownMember(taken, key)]
  if (!isJsonObject(mine) || !isJsonObject(away)) return isJsonObject(mine) === isJsonObject(away)
  const expressions = itemsOf(ownMember(away, 'matchExpressions'))
  const own = itemsOf(ownMember(mine, 'matchExpressions'))
  if (expressions.length > 0 && (own.length === 0 || !allIn(own, expressions))) return false
  const labels = Object.entries(objectAt(away, 'matchLabels'))
  const ownLabels = Object.entries(objectAt(mine, 'matchLabels'))
  return (
    labels.length === 0 ||
    (ownLabels.length > 0 &&
      ownLabels.every(([label, value]) => (ownMember(objectAt(away, 'matchLabels'), label) ?? '') === value))
  )
}

function objectAt(value: JsonObject, key: string): JsonObject {
  const found = ownMember(value, key)
  return isJsonObject(found) ? found : {}
}
