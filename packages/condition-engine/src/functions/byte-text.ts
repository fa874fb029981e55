/**
 * Strings of arbitrary bytes. Go's strings hold any bytes, JavaScript's do not: a byte that is not part of valid UTF-8
 * is the lone surrogate U+DC00 + byte here, which valid text never contains. Results of an evaluation are valid text.
 */

const ESCAPE = 0xdc00
const REPLACEMENT = Buffer.from('\ufffd')

/** Decodes bytes, and returns whether some of them had to be escaped. */
export function textOfBytes(bytes: Uint8Array): { readonly text: string; readonly escaped: boolean } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), escaped: false }
  } catch {
    return { text: escapeInvalid(bytes), escaped: true }
  }
}

/** Encodes a string, with escaped bytes restored. Other lone surrogates become U+FFFD. */
export function bytesOfText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text)
  return Buffer.concat(
    Array.from(text, (character) => {
      const codePoint = character.codePointAt(0) ?? 0
      if (codePoint < 0xd800 || codePoint > 0xdfff) return Buffer.from(character)
      return codePoint >= ESCAPE + 0x80 && codePoint <= ESCAPE + 0xff ? Buffer.of(codePoint - ESCAPE) : REPLACEMENT
    }),
  )
}

function escapeInvalid(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at)
    parts.push(
      length === 0
        ? String.fromCharCode(ESCAPE + (bytes[at] ?? 0))
        : Buffer.from(bytes.subarray(at, at + length)).toString(),
    )
    at += Math.max(1, length)
  }
  return parts.join('')
}

/** Returns the length of the valid UTF-8 sequence at an offset; 0 if there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  if (first < 0xc2 || first > 0xf4) return 0
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  // The second byte rules out overlong forms, surrogates and values beyond U+10FFFF.
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  const second = bytes[at + 1] ?? 0
  if (second < least || second > most) return 0
  for (let next = at + 2; next < at + length; next++) if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}
