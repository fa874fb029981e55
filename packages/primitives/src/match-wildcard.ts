/**
 * Returns whether the whole of `text` matches `pattern`, where `*` stands for any run of characters (also none, also
 * `/`) and `?` for exactly one. Everything else is literal and case-sensitive; there is no escape.
 *
 * Characters are Unicode code points. A value that is not a string matches nothing. Time is bounded by pattern length ×
 * text length: only the last `*` is ever tried again, so text chosen by an attacker cannot make the match slow.
 *
 * @see Kyverno, ext/wildcard
 */
export function matchWildcard(pattern: string, text: string): boolean {
  if (typeof pattern !== 'string' || typeof text !== 'string') return false
  if (pattern === '*') return true
  const wanted = Array.from(pattern)
  const given = Array.from(text)
  let at = 0
  let star = -1
  let resume = 0
  for (let i = 0; i < given.length;) {
    if (at < wanted.length && wanted[at] === '*') {
      star = at++
      resume = i
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === given[i])) {
      at++
      i++
    } else if (star >= 0) {
      at = star + 1
      i = ++resume
    } else return false
  }
  while (wanted[at] === '*') at++
  return at === wanted.length
}

/** Returns whether the text holds a character that {@link matchWildcard} does not take literally. */
export function hasWildcard(text: string): boolean {
  return typeof text === 'string' && (text.includes('*') || text.includes('?'))
}
