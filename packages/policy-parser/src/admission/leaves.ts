import { isJsonArray, isJsonObject, type Json } from '@verify-images/primitives'
import type { PathKey } from '../place.ts'

/** A key and the way to the value it is in; a path is made of it only where one is told. */
interface Trail {
  readonly key: PathKey
  readonly parent: Trail | undefined
}

/** A text or other plain value of a document, or a key, which stands at the path of its mapping. */
export interface Leaf {
  readonly value: Json
  /** Joined with `/`, as upstream writes paths of documents. */
  readonly pointer: string
  readonly trail: Trail | undefined
}

/** Every key and every value that is no collection, in the order of the document. */
export function leavesOf(value: Json): Leaf[] {
  const leaves: Leaf[] = []
  collect(value, undefined, '', leaves)
  return leaves
}

export function pathOf({ trail }: Leaf): PathKey[] {
  const path: PathKey[] = []
  for (let at = trail; at !== undefined; at = at.parent) path.unshift(at.key)
  return path
}

function collect(value: Json, trail: Trail | undefined, pointer: string, leaves: Leaf[]): void {
  if (isJsonArray(value)) {
    value.forEach((item, i) => collect(item, { key: i, parent: trail }, `${pointer}/${i}`, leaves))
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      leaves.push({ value: key, pointer, trail })
      collect(item, { key, parent: trail }, `${pointer}/${key.replaceAll('/', '\\/')}`, leaves)
    }
  } else leaves.push({ value, pointer, trail })
}
