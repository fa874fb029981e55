import { isJsonArray, isJsonObject, type Json, ownMember } from '@verify-images/primitives'

export type MutableJsonObject = { [key: string]: Json }

/** The items of a list, none where there is no list. */
export function itemsOf(value: Json | undefined): readonly Json[] {
  return isJsonArray(value) ? value : []
}

/** The strings of a list, none where there is no list. */
export function textsOf(value: Json | undefined): readonly string[] {
  return itemsOf(value).filter((item) => typeof item === 'string')
}

/** The string under a key; empty if it is absent, as a Go string field is. */
export function textOf(object: Json | undefined, key: string): string {
  const value = ownMember(object, key)
  return typeof value === 'string' ? value : ''
}

/** The value at a path of keys and indexes. */
export function valueAt(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>((at, key) => ownMember(at, key), value)
}

/** Whether two values are equal as JSON; the order of keys does not matter. */
export function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === undefined || right === undefined) return left === right
  return canonicalText(left) === canonicalText(right)
}

/** Whether some value of one list is in the other. */
export function haveCommon(left: readonly Json[], right: readonly Json[]): boolean {
  const texts = new Set(right.map(canonicalText))
  return left.some((value) => texts.has(canonicalText(value)))
}

/** Whether every value of one list is in the other. */
export function allIn(values: readonly Json[], list: readonly Json[]): boolean {
  const texts = new Set(list.map(canonicalText))
  return values.every((value) => texts.has(canonicalText(value)))
}

/** Whether a value nests deeper than some levels; also true for one that contains itself. */
export function isDeeperThan(value: Json | undefined, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((item: Json) => isDeeperThan(item, levels - 1))
}

/** The same text for values that are equal as JSON, whatever the order of their keys. */
export function canonicalText(value: Json): string {
  if (isJsonArray(value)) return `[${value.map(canonicalText).join()}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key] ?? null)}`)
    .join()}}`
}
