const STANDARD = /^[A-Za-z0-9+/]*={0,2}$/
const PADDED = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const URL_SAFE = /^[\w-]*$/

/**
 * Returns the bytes of canonical base64: standard alphabet, padded, no white space, unused bits zero. Undefined for
 * anything else.
 *
 * A second spelling of the same bytes is a way to have one signature counted twice.
 */
export function decodeCanonicalBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !STANDARD.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/**
 * Returns the bytes of canonical base64url: no padding, no white space, unused bits zero. Undefined for anything else.
 *
 * @see RFC 7515, 2
 */
export function decodeCanonicalBase64Url(text: string): Buffer | undefined {
  if (!URL_SAFE.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/**
 * Returns the bytes of padded standard base64 as Go's `base64.StdEncoding` does: line breaks are skipped and unused bits
 * ignored. Undefined for anything else. Use it where Kyverno's reading matters; two strings may have the same bytes.
 */
export function decodeGoBase64(text: string): Buffer | undefined {
  const encoded = text.replace(/[\r\n]+/g, '')
  return PADDED.test(encoded) ? Buffer.from(encoded, 'base64') : undefined
}
