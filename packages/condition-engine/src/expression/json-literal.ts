import type { Json } from '../values/json.ts'
import { setKey } from '../values/json.ts'

/** Why a text is no JSON value for us; the message is for people. */
export interface JsonFault {
  readonly fault: string
}

/**
 * Reads JSON as Go's `json.Unmarshal` into an empty interface does.
 *
 * Two things differ from `JSON.parse`: a number that is no finite float is a fault instead of `Infinity`, and a lone
 * surrogate becomes U+FFFD. `maximumDepth` bounds how deep lists and objects may nest, so that whoever walks the
 * value afterwards can do so recursively.
 */
export function readJson(text: string, maximumDepth: number): { readonly value: Json } | JsonFault {
  let parsed: Json
  try {
    parsed = JSON.parse(text)
  } catch {
    return { fault: text.trim() === '' ? 'unexpected end of JSON input' : 'invalid JSON' }
  }
  const fault = faultOf(parsed, maximumDepth)
  if (fault !== undefined) return { fault }
  return { value: text.includes('\\u') || !text.isWellFormed() ? wellFormed(parsed) : parsed }
}

function faultOf(value: Json, depthLeft: number): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'a number is out of the range of a float'
  if (typeof value !== 'object' || value === null) return undefined
  if (depthLeft === 0) return 'exceeded max depth'
  for (const item of Object.values(value)) {
    const fault = faultOf(item, depthLeft - 1)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** A copy in which every text, keys included, is valid Unicode. */
function wellFormed(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(wellFormed)
  const copy: { [key: string]: Json } = {}
  for (const [key, item] of Object.entries(value)) setKey(copy, key.toWellFormed(), wellFormed(item))
  return copy
}
