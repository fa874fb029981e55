import type { Json } from '@verify-images/policy-parser'
import { isJsonObject, ownMember } from '../strict-json.ts'

/**
 * Whether a decoder has understood all of a protobuf-JSON document: what it writes again must hold every member of the
 * original, with the same value.
 *
 * Generated decoders skip what they do not know, take the first of two alternatives, and read base64 of any dress. A
 * member may be missing only where it said nothing: protobuf leaves defaults out.
 *
 * @see https://protobuf.dev/programming-guides/json/
 */
export function isFaithful(original: Json, written: Json | undefined): boolean {
  if (written === undefined) return isDefault(original)
  if (Array.isArray(original)) {
    return (
      Array.isArray(written) &&
      written.length === original.length &&
      original.every((item, i) => isFaithful(item, written[i]))
    )
  }
  if (isJsonObject(original)) {
    return (
      isJsonObject(written) &&
      Object.entries(original).every(([name, value]) => isFaithful(value, ownMember(written, name)))
    )
  }
  // 64-bit integers may be written as numbers, and come back as text.
  return original === written || (typeof original === 'number' && String(original) === written) || original === null
}

function isDefault(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (isJsonObject(value)) return Object.keys(value).length === 0
  return value === null || value === '' || value === 0 || value === '0' || value === false
}
