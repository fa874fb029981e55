import { type Json, setKey } from '@verify-images/primitives'
import { LIMITS } from '../limits.ts'
import { tooDeep } from './evaluation.ts'
import { GoInteger, isArray, MapArray, Opaque } from './value.ts'
import type { Value } from './value.ts'
import type { WorkMeter } from './work-meter.ts'

/** Steps per value, for copying it and usually printing the copy. */
const COPY_STEPS = 3

/**
 * Copies a value as JSON when it leaves the evaluation: a Go integer becomes a number, a reference an empty object, and
 * bytes that are not Unicode U+FFFD.
 *
 * @throws ConditionError CONDITION_LIMIT_EXCEEDED if the value nests too deep or is too large to walk
 */
export function toJson(value: Value, meter: WorkMeter, depthLeft: number = LIMITS.valueDepth): Json {
  meter.charge(COPY_STEPS)
  if (value === null || typeof value !== 'object') return typeof value === 'string' ? plainText(value, meter) : value
  if (depthLeft === 0) throw tooDeep()
  if (value instanceof GoInteger) return value.value
  if (value instanceof MapArray) return value.maps.map((map) => toJson(map, meter, depthLeft - 1))
  if (value instanceof Opaque) return {}
  if (isArray(value)) return value.map((item) => toJson(item, meter, depthLeft - 1))
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
 * Charges for a value as if it were written out.
 *
 * `[@, @] | [@, @] | …` doubles a value with each step and is cheap until the result is walked.
 *
 * @throws ConditionError CONDITION_LIMIT_EXCEEDED
 */
export function chargeWhole(value: Value, meter: WorkMeter, depthLeft: number = LIMITS.valueDepth): void {
  meter.charge(1)
  if (typeof value === 'string') meter.produce(value.length)
  if (typeof value !== 'object' || value === null) return
  if (depthLeft === 0) throw tooDeep()
  if (isArray(value)) {
    for (const item of value) chargeWhole(item, meter, depthLeft - 1)
    return
  }
  for (const [key, item] of Object.entries(value)) {
    meter.produce(key.length)
    chargeWhole(item, meter, depthLeft - 1)
  }
}
