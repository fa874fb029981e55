import { type Json, setKey } from '@verify-images/primitives'
import { LIMITS } from '../limits.ts'
import { tooDeep } from './evaluation.ts'
import { GoInteger, isList, MapList, Opaque } from './value.ts'
import type { Value } from './value.ts'
import type { WorkMeter } from './work-meter.ts'

/** Copying a value, and mostly printing the copy. */
const COPY_STEPS = 3

/**
 * The JSON a value is, once it leaves the evaluation: a Go integer is a number, a reference an empty object, and bytes
 * that are no Unicode are U+FFFD. A copy.
 *
 * @throws ConditionError CONDITION_LIMIT_EXCEEDED for a value that nests too deep or is too large to be walked
 */
export function toJson(value: Value, meter: WorkMeter, depthLeft: number = LIMITS.valueDepth): Json {
  meter.charge(COPY_STEPS)
  if (value === null || typeof value !== 'object') return typeof value === 'string' ? plainText(value, meter) : value
  if (depthLeft === 0) throw tooDeep()
  if (value instanceof GoInteger) return value.value
  if (value instanceof MapList) return value.maps.map((map) => toJson(map, meter, depthLeft - 1))
  if (value instanceof Opaque) return {}
  if (isList(value)) return value.map((item) => toJson(item, meter, depthLeft - 1))
  const copy: { [key: string]: Json } = {}
  for (const [key, item] of Object.entries(value))
    setKey(copy, plainText(key, meter), toJson(item, meter, depthLeft - 1))
  return copy
}

function plainText(text: string, meter: WorkMeter): string {
  meter.produce(text.length)
  return text.toWellFormed()
}

/**
 * Counts a value as if it were written out.
 *
 * `[@, @] | [@, @] | …` doubles a value with each step and costs nothing until somebody walks the result.
 *
 * @throws ConditionError CONDITION_LIMIT_EXCEEDED
 */
export function chargeWhole(value: Value, meter: WorkMeter, depthLeft: number = LIMITS.valueDepth): void {
  meter.charge(1)
  if (typeof value === 'string') meter.produce(value.length)
  if (typeof value !== 'object' || value === null) return
  if (depthLeft === 0) throw tooDeep()
  if (isList(value)) {
    for (const item of value) chargeWhole(item, meter, depthLeft - 1)
    return
  }
  for (const [key, item] of Object.entries(value)) {
    meter.produce(key.length)
    chargeWhole(item, meter, depthLeft - 1)
  }
}
