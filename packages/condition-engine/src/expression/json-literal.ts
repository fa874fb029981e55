import { type Json, setKey } from '@verify-images/primitives'
import { tooDeep } from './evaluation.ts'

/** Thrown for invalid JSON. The message is for humans. */
export interface JsonFault {
  readonly fault: string
}

/**
 * Parses JSON as Go's `json.Unmarshal` into an empty interface does.
 *
 * Two things differ from `JSON.parse`: a number that is no finite float is a fault instead of `Infinity`, and a lone
 * surrogate becomes U+FFFD. `maximumDepth` bounds how deep lists and objects may nest, so that whoever walks the
 * value afterwards can do so recursively.
 *
 * @throws ConditionError CONDITION_LIMIT_EXCEEDED if the value nests deeper
 */
export function readJson(text: string, maximumDepth: number): { readonly value: Json } | JsonFault {
  let parsed: Json
  try {
    parsed = JSON.parse(text)
  } catch {
    return { fault: text.trim() === '' ? 'unexpected end of JSON input' : 'invalid JSON' }
  }
  if (!isInRange(parsed, maximumDepth)) return { fault: 'a number is out of the range of a float' }
  return { value: text.includes('\\u') || !text.isWellFormed() ? wellFormed(parsed) : parsed }
}

/** Returns whether all numbers are finite. */
function isInRange(value: Json, depthLeft: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depthLeft === 0) throw tooDeep()
  return Object.values(value).every((item) => isInRange(item, depthLeft - 1))
}

/** Copies a value with all strings, keys included, made valid Unicode. */
function wellFormed(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(wellFormed)
  const copy: { [key: string]: Json } = {}
  for (const [key, item] of Object.entries(value)) setKey(copy, key.toWellFormed(), wellFormed(item))
  return copy
}
