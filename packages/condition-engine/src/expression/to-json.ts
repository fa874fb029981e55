import { LIMITS } from '../limits.ts'
import type { Json } from '../values/json.ts'
import { setKey } from '../values/json.ts'
import { tooDeep } from './evaluation.ts'
import { GoInteger, isList, MapList, Opaque } from './value.ts'
import type { Value } from './value.ts'

/**
 * The JSON a value is, once it leaves the evaluation: a Go integer is a number, a reference an empty object, and bytes
 * that are no Unicode are U+FFFD.
 *
 * @throws ConditionError CONDITION_LIMIT_EXCEEDED for a value that nests too deep to be walked
 */
export function toJson(value: Value, depthLeft: number = LIMITS.valueDepth): Json {
  if (value === null || typeof value !== 'object') return typeof value === 'string' ? value.toWellFormed() : value
  if (depthLeft === 0) throw tooDeep()
  if (value instanceof GoInteger) return value.value
  if (value instanceof MapList) return value.maps.map((map) => toJson(map, depthLeft - 1))
  if (value instanceof Opaque) return {}
  if (isList(value)) return value.map((item) => toJson(item, depthLeft - 1))
  const copy: { [key: string]: Json } = {}
  for (const [key, item] of Object.entries(value)) setKey(copy, key.toWellFormed(), toJson(item, depthLeft - 1))
  return copy
}
