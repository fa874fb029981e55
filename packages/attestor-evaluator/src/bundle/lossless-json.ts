import {
  decodeCanonicalBase64,
  decodeProtobufBase64,
  isJsonObject,
  type Json,
  ownMember,
} from '@verify-images/primitives'

/**
 * Returns whether a decoder understood all of a protobuf JSON document: what it writes back must have every member of
 * the original, with the same value.
 *
 * Generated decoders ignore unknown members, take the first of two alternatives, and decode base64 leniently. Only
 * members with a default value may be missing: protobuf leaves them out. Bytes may come back in another text of the
 * same bytes.
 *
 * @see https://protobuf.dev/programming-guides/json/
 */
export function isLossless(original: Json, written: Json | undefined): boolean {
  if (written === undefined) return isDefault(original)
  if (Array.isArray(original)) {
    return (
      Array.isArray(written) &&
      written.length === original.length &&
      original.every((item, i) => isLossless(item, written[i]))
    )
  }
  if (isJsonObject(original)) {
    return (
      isJsonObject(written) &&
      Object.entries(original).every(([name, value]) => isLossless(value, ownMember(written, name)))
    )
  }
  if (original === written || original === null) return true
  if (typeof written !== 'string') return false
  // 64-bit integers may be written as numbers; they come back as strings.
  if (typeof original === 'number') return String(original) === written
  return typeof original === 'string' && isSameBytes(original, written)
}

/** Only the text of bytes comes back changed. Go's reader must find the bytes in it that the decoder found. */
function isSameBytes(original: string, written: string): boolean {
  const bytes = decodeProtobufBase64(original)
  return bytes !== undefined && decodeCanonicalBase64(written)?.equals(bytes) === true
}

function isDefault(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (isJsonObject(value)) return Object.keys(value).length === 0
  return value === null || value === '' || value === 0 || value === '0' || value === false
}
