import type { Json, JsonObject } from './model.ts'

export type MutableJsonObject = { [key: string]: Json }

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `Array.isArray` that keeps the element type of a readonly list. */
export function isJsonList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** The value under an own key; `undefined` where there is none, also for `constructor` and other names of the prototype. */
export function ownValue(object: Json | undefined, key: string): Json | undefined {
  return isJsonObject(object) && Object.hasOwn(object, key) ? object[key] : undefined
}

/** Sets an own property, also one named `__proto__`, which a plain assignment would swallow. */
export function setKey(object: MutableJsonObject, key: string, value: Json): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  else object[key] = value
}

/** The items of a list, none where there is no list. */
export function itemsOf(value: Json | undefined): readonly Json[] {
  return isJsonList(value) ? value : []
}

/** The strings of a list, none where there is no list. */
export function textsOf(value: Json | undefined): readonly string[] {
  return itemsOf(value).filter((item) => typeof item === 'string')
}

/** The string under a key; empty where there is none, as a Go string field is. */
export function textOf(object: Json | undefined, key: string): string {
  const value = ownValue(object, key)
  return typeof value === 'string' ? value : ''
}

/** The value at a path of keys and indexes. */
export function valueAt(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>((at, key) => ownValue(at, key), value)
}

/** Whether two values are equal as JSON; the order of keys does not matter. */
export function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (isJsonList(left) && isJsonList(right)) return left.length === right.length && left.every((item, i) => sameJson(item, right[i]))
  if (isJsonObject(left) && isJsonObject(right)) {
    const keys = Object.keys(left)
    return keys.length === Object.keys(right).length && keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]))
  }
  return left === right
}

/** Whether a value nests deeper than some levels; also true for one that contains itself. */
export function isDeeperThan(value: Json | undefined, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((item: Json) => isDeeperThan(item, levels - 1))
}
