import { PolicyError, type Json, type JsonObject } from '@verify-images/core'
import { isJsonObject } from '@verify-images/primitives'
import { LIMITS } from './limits.ts'

/**
 * Returns the objects that `kubectl apply` creates from a document. It treats every object with `items` as a list, and
 * an item without a kind gets the kind of its list.
 *
 * Another client may create an object with `items` as it is, so an object whose kind does not end in `List` is
 * returned, too.
 *
 * @throws PolicyError POLICY_TOO_LARGE for lists nested too deep
 */
export function unrollLists(document: Json, depth: number = 0): readonly Json[] {
  if (depth > LIMITS.listDepth)
    throw new PolicyError([
      { code: 'POLICY_TOO_LARGE', path: '', message: `lists nested deeper than ${String(LIMITS.listDepth)} levels` },
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

/**
 * Returns the object as the API server stores it: labels and annotations that are null become empty strings.
 *
 * Left as null they would be rejected, because no object of an API server has them; dropped, rules would not see a
 * label that the object will have in the cluster.
 *
 * @see kubernetes/kubernetes, #129257
 */
export function nullsAsText(object: JsonObject): JsonObject {
  const { metadata } = object
  if (!isJsonObject(metadata)) return object
  const filled = Object.entries(metadata).map(([name, value]): readonly [string, Json] => [
    name,
    (name === 'labels' || name === 'annotations') && isJsonObject(value) ? withoutNulls(value) : value,
  ])
  return { ...object, metadata: Object.fromEntries(filled) }
}

function withoutNulls(texts: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text ?? '']))
}
