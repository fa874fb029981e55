import { MAX_CHALLENGE_PARTS, MAX_HEADER_LENGTH } from './limits.ts'

/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** By name in lower case. */
  readonly parameters: ReadonlyMap<string, string>
}

const SCHEME = /\s*([A-Za-z][\w.~+-]*)(?:\s+|(?=,|$))/y
const PARAMETER = /\s*([A-Za-z][\w.~+-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,\s*|$)/y
const SEPARATOR = /\s*,/y

/**
 * The challenges of a `WWW-Authenticate` header, also of several such headers joined.
 *
 * What does not follow the grammar ends the reading, and a name given twice spoils its challenge: a challenge says where a
 * password goes, so it is not guessed at.
 *
 * @see RFC 9110, section 11.6.1
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const found: Challenge[] = []
  if (header.length > MAX_HEADER_LENGTH) return found
  let at = 0
  const take = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at
    const match = expression.exec(header)
    if (match) at = expression.lastIndex
    return match
  }
  while (at < header.length && found.length < MAX_CHALLENGE_PARTS) {
    if (take(SEPARATOR)) continue
    const scheme = take(SCHEME)?.[1]
    if (scheme === undefined) break
    const parameters = new Map<string, string>()
    let sound = true
    for (let pair = take(PARAMETER); pair !== null; pair = take(PARAMETER)) {
      const name = (pair[1] ?? '').toLowerCase()
      if (parameters.has(name) || parameters.size >= MAX_CHALLENGE_PARTS) sound = false
      parameters.set(name, pair[2]?.replace(/\\(.)/gs, '$1') ?? pair[3] ?? '')
    }
    if (sound) found.push({ scheme: scheme.toLowerCase(), parameters })
  }
  return found
}
