import { MAX_JSON_DEPTH } from './limits.ts'

/**
 * The value of a JSON document, read so that no two readers can disagree about it: UTF-8 without byte order mark, no
 * key twice in one object, no key that is not well-formed Unicode, bounded depth. Top-level keys must also differ without regard to case, because Go's reader
 * (the one of the tools that sign and run images) takes `Layers` for `layers`.
 *
 * @throws SyntaxError with a short reason
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new SyntaxError('not UTF-8')
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new SyntaxError('not JSON')
  }
  checkKeys(text)
  return value
}

/** Walks the tokens of a document that is known to be JSON. */
function checkKeys(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let expectKey = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '"') {
      const start = i
      for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++
      if (expectKey) noteKey(open, text.slice(start, i + 1))
      expectKey = false
    } else if (char === '{' || char === '[') {
      if (open.length >= MAX_JSON_DEPTH) throw new SyntaxError('nested too deeply')
      open.push(char === '{' ? new Set() : undefined)
      expectKey = char === '{'
    } else if (char === '}' || char === ']') {
      open.pop()
      expectKey = false
    } else if (char === ',') {
      expectKey = open.at(-1) !== undefined
    }
  }
}

function noteKey(open: readonly (Set<string> | undefined)[], token: string): void {
  const decoded = String(JSON.parse(token))
  // Other readers put U+FFFD for each lone surrogate, and so make different keys one.
  if (!decoded.isWellFormed()) throw new SyntaxError('a key that is not Unicode')
  const key = open.length === 1 ? decoded.toLowerCase() : decoded
  const keys = open.at(-1)
  if (keys?.has(key)) throw new SyntaxError('the same key twice in one object')
  keys?.add(key)
}
