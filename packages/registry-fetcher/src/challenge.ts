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
 * Parses the challenges of a `WWW-Authenticate` header, or of several such headers joined by commas.
 *
 * Parsing stops where the header does not follow the grammar, and a challenge with the same parameter twice is dropped:
 * a challenge decides where a password is sent, so nothing is guessed.
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
    let isValid = true
    for (let pair = take(PARAMETER); pair !== null; pair = take(PARAMETER)) {
      const name = (pair[1] ?? '').toLowerCase()
      if (parameters.has(name) || parameters.size >= MAX_CHALLENGE_PARTS) isValid = false
      parameters.set(name, pair[2]?.replace(/\\(.)/gs, '$1') ?? pair[3] ?? '')
    }
    if (isValid) found.push({ scheme: scheme.toLowerCase(), parameters })
  }
  return found
}
