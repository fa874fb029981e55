import { isJsonList, isJsonObject } from '../json-value.ts'
import type { Json } from '../model.ts'
import type { PathKey } from '../yaml/place.ts'

/** A text of a document: a value, or a key, which stands at the path of its mapping. */
export interface Leaf {
  readonly value: Json
  /** Joined with `/`, as upstream writes paths of documents. */
  readonly pointer: string
  readonly path: readonly PathKey[]
}

/** Every key and every value that is no collection, in the order of the document. */
export function leavesOf(value: Json, path: readonly PathKey[] = [], pointer = ''): Leaf[] {
  if (isJsonList(value)) return value.flatMap((item, i) => leavesOf(item, [...path, i], `${pointer}/${i}`))
  if (!isJsonObject(value)) return [{ value, pointer, path }]
  return Object.entries(value).flatMap(([key, item]) => [
    { value: key, pointer, path },
    ...leavesOf(item, [...path, key], `${pointer}/${key.replaceAll('/', '\\/')}`),
  ])
}
