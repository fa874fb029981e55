const alphabet = /^[A-Za-z0-9+/]*={0,2}$/

/**
 * The bytes of a base64 text, or nothing when it is not the one canonical way to write them: standard alphabet, padded,
 * without blanks, unused bits zero. Two texts of the same bytes are a way to count one signature twice.
 */
export function decodeCanonicalBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !alphabet.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
