import type { Json } from './json.ts'
import { CheckError } from './reasons/check-error.ts'
import type { AttestorCode } from './reasons/codes.ts'
import { parseStrictJson } from './strict-json.ts'

/**
 * Parses a JSON document that a check depends on, by the strict rules and with exact integers.
 *
 * @param what names the document in messages
 * @throws CheckError with the given code
 */
export function parseDocument(document: Uint8Array | string, what: string, code: AttestorCode): Json {
  try {
    return parseStrictJson(document, { exactIntegers: true })
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : 'not JSON'
    throw new CheckError(code, `cannot parse ${what}: ${reason}`, { cause })
  }
}
