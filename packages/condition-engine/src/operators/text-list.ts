import { isGoList, type GoValue } from '../values/go-value.ts'

/** What a text says as a JSON list of texts: the texts, or that it is JSON of another kind, or no JSON at all. */
export type TextList = readonly string[] | 'other-json' | 'no-json'

/** Reads `["a","b"]`. As Go decodes it, `null` is the empty list and a null element the empty text. */
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

/** Whether every element is a text. */
export function allText(list: readonly GoValue[]): list is readonly string[] {
  return list.every((item) => typeof item === 'string')
}

/** A text, number or boolean as the text it is compared as. */
export function isScalar(value: GoValue): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
