/** The text without its trailing run of a character. Linear, where `/x+$/` is not. */
export function trimEnd(text: string, char: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === char) end--
  return text.slice(0, end)
}
