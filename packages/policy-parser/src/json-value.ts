import { isJsonArray, isJsonObject, type Json, ownMember } from '@verify-images/primitives'

export type MutableJsonObject = { [key: string]: Json }

/** Returns the items of an array; none for any other value. */
export function itemsOf(value: Json | undefined): readonly Json[] {
  return isJsonArray(value) ? value : []
}

/** Returns the strings of an array; none for any other value. */
export function stringsOf(value: Json | undefined): readonly string[] {
  return itemsOf(value).filter((item) => typeof item === 'string')
}

/** Returns the string under a key; empty if it is absent, as a Go string field is. */
export function stringAt(object: Json | undefined, key: string): string {
  const value = ownMember(object, key)
  return typeof value === 'string' ? value : ''
}

/** Returns the value at a path of keys and indexes. */
export function valueAt(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>((at, key) => ownMember(at, key), value)
}

/** Returns whether two values are equal as JSON; the order of keys does not matter. */
export function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === undefined || right === undefined) return left === right
  return canonicalText(left) === canonicalText(right)
}

/** Returns whether some value of one array is in the other. */
export function haveCommon(left: readonly Json[], right: readonly Json[]): boolean {
  const known = new Set(right.map(canonicalText))
  return left.some((value) => known.has(canonicalText(value)))
}

/** Returns whether every value of one array is in the other. */
export function allIn(values: readonly Json[], others: readonly Json[]): boolean {
  const known = new Set(others.map(canonicalText))
  return values.every((value) => known.has(canonicalText(value)))
}

/** Returns whether a value nests deeper than some levels; also true for one that contains itself. */
export function isDeeperThan(value: Json | undefined, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((item: Json) => isDeeperThan(item, levels - 1))
}

/** Returns the same string for values that are equal as JSON, whatever the order of their keys. */
export function canonicalText(value: Json): string {
  if (isJsonArray(value)) return `[${value.map(canonicalText).join()}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key] ?? null)}`)
    .join()}}`
}
