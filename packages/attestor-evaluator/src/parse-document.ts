import { type Json, parseStrictJson } from '@verify-images/primitives'
import { AttestorError, type AttestorErrorCode } from './attestor-error.ts'

/**
 * Parses a JSON document by the strict rules, integers exact.
 *
 * @param what names the document in messages
 * @throws AttestorError with the given code
 */
export function parseDocument(document: Uint8Array | string, what: string, code: AttestorErrorCode): Json {
  try {
    return parseStrictJson(document, { exactIntegers: true })
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : 'not JSON'
    throw new AttestorError(code, `cannot parse ${what}: ${reason}`, { cause })
  }
}
