const alphabet = /^[\w-]*$/

/**
 * The bytes of a Base64url text, or nothing when it is not the one canonical way to write them: no padding, no blanks,
 * unused bits zero. Of a second spelling one reader would say that it is signed and another that it is not.
 *
 * @see RFC 7515, 2
 */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  if (!alphabet.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? Uint8Array.from(bytes) : undefined
}
