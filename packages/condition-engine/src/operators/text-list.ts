import { isGoList, type GoValue } from '../values/go-value.ts'

/** A string parsed as a JSON array of strings: the strings, or whether it is other JSON or not JSON. */
export type TextList = readonly string[] | 'other-json' | 'no-json'

/** Parses `["a","b"]`. As in Go, `null` is the empty array and a null element the empty string. */
export function readTextList(text: string): TextList {
  let value: GoValue
  try {
    value = JSON.parse(text)
  } catch {
    return 'no-json'
  }
  if (value === null) return []
  if (!isGoList(value)) return 'other-json'
  const texts = value.map((item) => item ?? '')
  return allText(texts) ? texts : 'other-json'
}

/** Whether every element is a string. */
export function allText(list: readonly GoValue[]): list is readonly string[] {
  return list.every((item) => typeof item === 'string')
}

/** Converts a string, number or boolean to the string that is compared. */
export function isScalar(value: GoValue): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
