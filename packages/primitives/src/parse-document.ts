import type { Json } from './json.ts'
import { CheckError } from './reasons/check-error.ts'
import type { AttestorCode } from './reasons/codes.ts'
import { DEFAULT_BUDGET } from './evaluation-budget.ts'
import { parseStrictJson, type StrictJsonOptions } from './strict-json.ts'

/**
 * Parses a JSON document that a check depends on, by the strict rules and, unless told otherwise, with exact integers.
 *
 * @param what names the document in messages
 * @throws CheckError with the given code
 */
export function parseDocument(
  document: Uint8Array | string,
  what: string,
  code: AttestorCode,
  options: StrictJsonOptions = {},
): Json {
  try {
    return parseStrictJson(document, { exactIntegers: true, ...options })
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : 'not JSON'
    throw new CheckError(code, `cannot parse ${what}: ${reason}`, { cause })
  }
}

/**
 * The same for a payload whose signature has been verified. An SBOM has millions of tokens, so the limit is that of a
 * whole evaluation.
 *
 * Numbers are doubles, as in Go: an integer beyond 2⁵³ is rounded, and one beyond the doubles fails. A string with a
 * lone surrogate fails as well, as it does in protojson, with which cosign reads statements.
 */
export function parseVerifiedPayload(
  payload: Uint8Array,
  what: string,
  maxTokens: number = DEFAULT_BUDGET.tokens,
): Json {
  return parseDocument(payload, what, 'ATTESTOR_PAYLOAD_INVALID', {
    exactIntegers: false,
    wellFormedStrings: true,
    maxTokens,
  })
}
