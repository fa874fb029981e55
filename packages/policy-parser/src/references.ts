/**
 * Finds the references `$(path)` of a text, each with the character before it, if there is one. Greedy up to the next space
 * like Kyverno's expression: `$(/a)$(/b)` is one reference.
 *
 * @see Kyverno, pkg/engine/variables/regex: `^\$\(.[^\ ]*\)|[^\\]\$\(.[^\ ]*\)`
 */
export function findReferences(text: string): string[] {
  const found: string[] = []
  let from = 0
  while (from < text.length) {
    const dollar = text.indexOf('$(', from)
    if (dollar < 0) break
    const end = referenceEnd(text, dollar)
    // A reference after the start needs one character before it that is no backslash and belongs to no other match.
    const lead = dollar === 0 ? 0 : dollar - 1 >= from && text[dollar - 1] !== '\\' ? 1 : -1
    if (end < 0 || lead < 0) {
      from = dollar + 2
      continue
    }
    found.push(text.slice(dollar - lead, end))
    from = end
  }
  return found
}

/** Behind the last `)` before the next space; one character at least is inside, which may itself be anything but a line break. */
function referenceEnd(text: string, dollar: number): number {
  const first = dollar + 2
  if (first >= text.length || text[first] === '\n') return -1
  const space = text.indexOf(' ', first + 1)
  const close = text.lastIndexOf(')', (space < 0 ? text.length : space) - 1)
  return close > first ? close + 1 : -1
}
