import { setKey } from '@verify-images/primitives'
import { ConditionError } from '../condition-error.ts'
import { checkDepth, isGoArray, isGoObject, type GoObject, type GoValue } from '../values/go-value.ts'
import { childPath } from './document-path.ts'

/** The replacement of a string, and whether the walk continues inside it. */
export interface Replacement {
  readonly value: GoValue
  readonly traverse: boolean
}

export type StringAction = (text: string, path: string) => Replacement

/**
 * Replaces every string and every key of a document by the result of the action. Members are visited in order; the path
 * of a key is that of its object.
 *
 * @throws ConditionError CONDITION_VALUE_INVALID if a key becomes anything but a string; null keeps the key
 * @throws ConditionError CONDITION_LIMIT_EXCEEDED if it nests too deep
 */
export function replaceStrings(document: GoValue, action: StringAction): GoValue {
  return replaceIn(document, '', 0, action)
}

function replaceIn(value: GoValue, path: string, depth: number, action: StringAction): GoValue {
  checkDepth(depth)
  if (typeof value === 'string') {
    const replacement = action(value, path)
    const compound = typeof replacement.value === 'object' && replacement.value !== null
    return replacement.traverse && compound ? replaceIn(replacement.value, path, depth + 1, action) : replacement.value
  }
  if (isGoArray(value))
    return value.map((item, index) => replaceIn(item, childPath(path, String(index)), depth + 1, action))
  return isGoObject(value) ? replaceMembers(value, path, depth, action) : value
}

function replaceMembers(object: GoObject, path: string, depth: number, action: StringAction): GoObject {
  const replaced: { [key: string]: GoValue } = {}
  for (const [key, item] of Object.entries(object)) {
    const name = action(key, path).value ?? key
    if (typeof name !== 'string') {
      throw new ConditionError(
        'CONDITION_VALUE_INVALID',
        'type',
        `expected string after substituting variables in key "${key}"`,
      )
    }
    setKey(replaced, name, replaceIn(item, childPath(path, key), depth + 1, action))
  }
  return replaced
}
