import type { Json } from '@verify-images/core'
import { isJsonArray, isJsonObject } from '@verify-images/primitives'

/** A key or certificate of a policy, and the one of the signing world that replaces it. */
export interface Replacement {
  /** PEM, or a reference such as `k8s://namespace/secret`. */
  readonly from: string
  /** PEM. */
  readonly to: string
}

/**
 * Returns a policy in which keys and certificates are those of the signing world. Tests do not have the private
 * key that belongs to a policy. Everything else of the policy stays unchanged.
 */
export function replaceKeys(value: Json, replacements: readonly Replacement[]): Json {
  if (typeof value === 'string') return replacements.reduce(replaceIn, value)
  if (isJsonArray(value)) return value.map((each) => replaceKeys(each, replacements))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, replaceKeys(each, replacements)]))
}

/** Returns whether a policy has the key or certificate to replace. */
export function hasKey(value: Json, { from }: Replacement): boolean {
  if (typeof value === 'string') return replaceIn(value, { from, to: '' }) !== value
  if (isJsonArray(value)) return value.some((each) => hasKey(each, { from, to: '' }))
  return isJsonObject(value) && Object.values(value).some((each) => hasKey(each, { from, to: '' }))
}

const PEM = /-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----\n?/g

function replaceIn(text: string, { from, to }: Replacement): string {
  if (!from.includes('-----BEGIN')) return text.trim() === from ? to : text
  const wanted = compact(from)
  return text.replace(PEM, (block) => (compact(block) === wanted ? to : block))
}

/** Returns a key without white space: it can be wrapped and indented in many ways. */
function compact(text: string): string {
  return text.replace(/\s+/g, '')
}
