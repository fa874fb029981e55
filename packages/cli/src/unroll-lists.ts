import { PolicyError, type Json, type JsonObject } from '@verify-images/core'
import { isJsonObject } from '@verify-images/primitives'
import { LIMITS } from './limits.ts'

/**
 * The objects that `kubectl apply` would make of a document. Whatever has `items` is a list to it, of whichever kind, and
 * what is in a list without a kind has that of the list.
 *
 * Something else may create an object with `items` as it stands, so one that is not called a list is judged as well.
 *
 * @throws PolicyError POLICY_TOO_LARGE for lists in lists without end
 */
export function unrollLists(document: Json, depth: number = 0): readonly Json[] {
  if (depth > LIMITS.listDepth)
    throw new PolicyError([
      { code: 'POLICY_TOO_LARGE', path: '', message: `lists are nested more than ${String(LIMITS.listDepth)} deep` },
    ])
  if (!isJsonObject(document) || !Array.isArray(document['items'])) return [document]
  const { apiVersion, kind } = document
  const items: readonly Json[] = document['items']
  const isList = typeof kind === 'string' && kind.endsWith('List')
  const inherited: JsonObject = {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(isList ? { kind: kind.slice(0, -'List'.length) } : {}),
  }
  const objects = items.flatMap((item) =>
    unrollLists(isJsonObject(item) && !item['kind'] ? { ...item, ...inherited } : item, depth + 1),
  )
  return isList ? objects : [document, ...objects]
}
