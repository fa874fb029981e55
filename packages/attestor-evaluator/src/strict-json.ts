import type { Json, JsonObject } from '@verify-images/policy-parser'
import { AttestorError, type AttestorErrorCode } from './attestor-error.ts'
import { MAX_JSON_DEPTH } from './limits.ts'

/**
 * The value of a JSON document, read so that no two readers can disagree about it: UTF-8 without byte order mark, no
 * key twice in one object, bounded depth, no integer that a double cannot hold. Top-level keys must also differ without
 * regard to case, because Go's reader takes `Subject` for `subject`.
 *
 * @param what names the document in messages
 * @throws AttestorError with the given code
 */
export function parseStrictJson(document: Uint8Array | string, what: string, code: AttestorErrorCode): Json {
  const refuse = (reason: string): never => {
    throw new AttestorError(code, `${what} ${reason}`)
  }
  let text: string
  let value: Json
  try {
    text =
      typeof document === 'string'
        ? document
        : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(document)
  } catch {
    return refuse('is not UTF-8')
  }
  try {
    // What JSON.parse returns is JSON; its declared type says less.
    value = JSON.parse(text) as Json
  } catch {
    return refuse('is not JSON')
  }
  checkTokens(text, refuse)
  return value
}

/** Whether a value is an object, and neither null nor a list. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member by its own name, never by an inherited one. */
export function ownMember(object: Json | undefined, name: string): Json | undefined {
  return isJsonObject(object) && Object.hasOwn(object, name) ? object[name] : undefined
}

const numberToken = /-?\d[\d.eE+-]*/y

/** Walks the tokens of a document that is known to be JSON. */
function checkTokens(text: string, refuse: (reason: string) => never): void {
  const open: (Set<string> | undefined)[] = []
  let expectKey = false
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === '"') {
      const start = i
      for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++
      if (expectKey) noteKey(open, text.slice(start, i + 1), refuse)
      expectKey = false
    } else if (char === '{' || char === '[') {
      if (open.length >= MAX_JSON_DEPTH) refuse('is nested too deeply')
      open.push(char === '{' ? new Set() : undefined)
      expectKey = char === '{'
    } else if (char === '}' || char === ']') {
      open.pop()
      expectKey = false
    } else if (char === ',') {
      expectKey = open.at(-1) !== undefined
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      numberToken.lastIndex = i
      const token = numberToken.exec(text)?.[0] ?? char
      if (!isExact(token)) refuse('holds an integer that is too large to be read exactly')
      i += token.length - 1
    }
  }
}

function noteKey(open: readonly (Set<string> | undefined)[], token: string, refuse: (reason: string) => never): void {
  const decoded = String(JSON.parse(token))
  const key = open.length === 1 ? decoded.toLowerCase() : decoded
  const keys = open.at(-1)
  if (keys?.has(key)) refuse('has the same key twice in one object')
  keys?.add(key)
}

/** Fractions and exponents are approximate in every reader; an integer is taken for exact. */
function isExact(token: string): boolean {
  if (token.length <= 15 || /[.e]/i.test(token)) return true
  return token.length <= 40 && BigInt(Number(token)) === BigInt(token)
}
