import { isJsonArray, isJsonObject, type Json, type JsonObject } from '@verify-images/primitives'
import { ConditionError } from '../condition-error.ts'

/** A condition of the policy. Absent members are null or ''. */
export interface DecodedCondition {
  readonly key: Json
  readonly operator: string
  readonly value: Json
  readonly message: string
}

/** `any` and `all`. Absent differs from empty, because an empty `any` never holds. */
export interface DecodedSet {
  readonly any: readonly DecodedCondition[] | undefined
  readonly all: readonly DecodedCondition[] | undefined
}

/**
 * Decodes preconditions or deny conditions: the old array, or an any/all object. Null is an empty array.
 *
 * @throws ConditionError CONDITION_INVALID
 */
export function decodeConditions(conditions: Json): readonly DecodedCondition[] | DecodedSet {
  if (conditions === null || isJsonArray(conditions)) return decodeArray(conditions) ?? []
  return decodeSet(conditions)
}

/**
 * Decodes an array of any/all objects.
 *
 * @throws ConditionError CONDITION_INVALID
 */
export function decodeConditionSets(list: Json): readonly DecodedSet[] {
  if (list === null) return []
  if (!isJsonArray(list)) throw malformed()
  return list.map((set) => decodeSet(set ?? {}))
}

function decodeSet(set: Json): DecodedSet {
  if (!isJsonObject(set)) throw malformed()
  return { any: decodeArray(field(set, 'any')), all: decodeArray(field(set, 'all')) }
}

function decodeArray(list: Json): readonly DecodedCondition[] | undefined {
  if (list === null) return undefined
  if (!isJsonArray(list)) throw malformed()
  return list.map((condition) => decodeCondition(condition ?? {}))
}

function decodeCondition(condition: Json): DecodedCondition {
  if (!isJsonObject(condition)) throw malformed()
  return {
    key: field(condition, 'key'),
    operator: stringField(condition, 'operator'),
    value: field(condition, 'value'),
    message: stringField(condition, 'message'),
  }
}

/** Go's decoder accepts member names in any case, and uses the last of several. Ignoring one would drop conditions. */
function field(object: JsonObject, name: string): Json {
  const found = Object.keys(object).findLast((key) => key === name || key.toLowerCase() === name)
  return found === undefined ? null : (object[found] ?? null)
}

function stringField(object: JsonObject, name: string): string {
  const text = field(object, name) ?? ''
  if (typeof text !== 'string') throw malformed()
  return text
}

function malformed(): ConditionError {
  return new ConditionError('CONDITION_INVALID', 'type', 'failed to unmarshal Conditions')
}
