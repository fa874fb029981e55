import { LIMITS } from '../limits.ts'
import { tooDeep } from './evaluation.ts'
import { ExpressionReference, GoInteger, isArray, isObject, MapArray } from './value.ts'
import type { Value, ValueObject } from './value.ts'
import type { WorkMeter } from './work-meter.ts'

/** Returns whether two values are equal as by Go's `reflect.DeepEqual`; a Go integer equals no float. */
export function deepEqual(left: Value, right: Value, meter: WorkMeter, depthLeft: number = LIMITS.valueDepth): boolean {
  // Strings of equal length are compared character by character.
  if (typeof left === 'string' && typeof right === 'string' && left.length === right.length)
    meter.charge(left.length >> 8)
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (depthLeft === 0) throw tooDeep()
  if (isArray(left)) return isArray(right) && equalArrays(left, right, meter, depthLeft - 1)
  if (left instanceof MapArray)
    return right instanceof MapArray && equalArrays(left.maps, right.maps, meter, depthLeft - 1)
  if (left instanceof GoInteger) return right instanceof GoInteger && left.value === right.value
  if (left instanceof ExpressionReference) {
    meter.charge(left.size)
    return right instanceof ExpressionReference && left.size === right.size && left.signature() === right.signature()
  }
  return isObject(left) && isObject(right) && equalObjects(left, right, meter, depthLeft - 1)
}

function equalArrays(left: readonly Value[], right: readonly Value[], meter: WorkMeter, depthLeft: number): boolean {
  if (left.length !== right.length) return false
  meter.charge(left.length)
  return left.every((item, index) => deepEqual(item, right[index] ?? null, meter, depthLeft))
}

function equalObjects(left: ValueObject, right: ValueObject, meter: WorkMeter, depthLeft: number): boolean {
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  meter.charge(keys.length)
  return keys.every(
    (key) => Object.hasOwn(right, key) && deepEqual(left[key] ?? null, right[key] ?? null, meter, depthLeft),
  )
}
