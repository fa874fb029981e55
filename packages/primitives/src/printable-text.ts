/**
 * Returns a foreign string as a message may show it: one line, bounded.
 *
 * An author of registry content must not be able to add lines to a denial or to reverse its direction.
 */
export function printableText(text: string, maxLength: number): string {
  const line = text.replace(/[\p{C}\u2028\u2029]+/gu, ' ')
  return line.length <= maxLength ? line : `${line.slice(0, maxLength)}…`
}

/** Returns the text without its trailing run of a character. Linear, where `/x+$/` is not. */
export function trimEnd(text: string, character: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === character) end--
  return text.slice(0, end)
}
