import type { JsonObject } from '@verify-images/core'
import { isJsonObject } from '@verify-images/primitives'

/**
 * The object as the API server has it: a label or annotation without a value, which is null in YAML, is an empty text there. Left as it is it would be
 * refused, because nothing that comes from an API server has one; left out, rules would not see a label that will be there.
 *
 * @see kubernetes/kubernetes, #129257
 */
export function nullsAsText(object: JsonObject): JsonObject {
  const { metadata } = object
  if (!isJsonObject(metadata)) return object
  const filled = Object.entries(metadata).map(([name, value]) => [
    name,
    (name === 'labels' || name === 'annotations') && isJsonObject(value) ? withoutNulls(value) : value,
  ])
  return { ...object, metadata: Object.fromEntries(filled) as JsonObject }
}

function withoutNulls(texts: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text ?? '']))
}
