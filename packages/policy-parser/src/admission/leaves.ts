import { isJsonArray, isJsonObject, type Json } from '@verify-images/primitives'
import type { PathKey } from '../place.ts'

/** A key and its parents; turned into a path only if one is reported. */
interface Trail {
  readonly key: PathKey
  readonly parent: Trail | undefined
}

/** A scalar of a document, or a key, which has the path of its object. */
export interface Leaf {
  readonly value: Json
  /** Joined with `/`, as Kyverno writes paths. */
  readonly pointer: string
  readonly trail: Trail | undefined
}

/** Lists every key and scalar in document order. */
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
