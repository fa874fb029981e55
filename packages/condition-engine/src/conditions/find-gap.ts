import { isJsonArray, isJsonObject, type Json } from '@verify-images/primitives'

const SET_MEMBERS: ReadonlySet<string> = new Set(['any', 'all'])
const CONDITION_MEMBERS: ReadonlySet<string> = new Set(['key', 'operator', 'value', 'message'])

/**
 * Finds what makes conditions hold for more than they seem to require: they are empty, or a member is unknown. Absent
 * conditions (null) require nothing and have no gap, nor has an empty `any`, which never holds.
 *
 * Kyverno accepts all of this. A rule or a denial that applies to more is harmless; one that accepts more is not.
 */
export function findGap(conditions: Json): string | undefined {
  if (isJsonArray(conditions)) return conditions.length === 0 ? NOTHING : firstOf(conditions, gapOfCondition)
  return isJsonObject(conditions) ? gapOfSet(conditions) : undefined
}

/** {@link findGap} for an array of any/all objects. */
export function findGapOfSets(list: Json): string | undefined {
  if (!isJsonArray(list)) return undefined
  return list.length === 0 ? NOTHING : firstOf(list, gapOfSet)
}

const NOTHING = 'expected at least one condition, got none: that would hold for any data'

function gapOfSet(set: Json): string | undefined {
  if (!isJsonObject(set)) return NOTHING
  const lists = Object.entries(set).filter(([, list]) => list !== null)
  const unknown = lists.find(([name]) => !SET_MEMBERS.has(name.toLowerCase()))
  if (unknown !== undefined) return `expected \`any\` or \`all\`, got \`${unknown[0]}\``
  if (!lists.some(([name, list]) => name.toLowerCase() === 'any' || (isJsonArray(list) && list.length > 0)))
    return NOTHING
  return firstOf(
    lists.flatMap(([, list]) => (isJsonArray(list) ? list : [])),
    gapOfCondition,
  )
}

function gapOfCondition(condition: Json): string | undefined {
  if (!isJsonObject(condition)) return undefined
  const unknown = Object.keys(condition).find((name) => !CONDITION_MEMBERS.has(name.toLowerCase()))
  return unknown === undefined ? undefined : `condition: expected key, operator, value or message, got \`${unknown}\``
}

function firstOf(items: readonly Json[], gapOf: (item: Json) => string | undefined): string | undefined {
  for (const item of items) {
    const gap = gapOf(item)
    if (gap !== undefined) return gap
  }
  return undefined
}
