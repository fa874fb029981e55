import type { Json } from './json.ts'
import { CheckError } from './reasons/check-error.ts'
import type { AttestorCode } from './reasons/codes.ts'
import { DEFAULT_BUDGET } from './evaluation-budget.ts'
import { checkJsonShape } from './json-shape.ts'
import { MAX_JSON_DEPTH } from './limits.ts'
import { parseCountedJson, parseStrictJson, type StrictJsonOptions } from './strict-json.ts'

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
  return strictly(what, code, () => parseStrictJson(document, { exactIntegers: true, ...options }))
}

/**
 * Returns what a strict parser returns.
 *
 * @throws CheckError with the given code for its SyntaxError
 */
export function strictly<Result>(what: string, code: AttestorCode, parse: () => Result): Result {
  try {
    return parse()
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : 'not JSON'
    throw new CheckError(code, `cannot parse ${what}: ${reason}`, { cause })
  }
}

/**
 * Does the same for a payload whose signature has been verified. An SBOM has millions of tokens, so the limit is that
 * of a whole evaluation.
 *
 * Numbers are doubles, as in Go: an integer beyond 2⁵³ is rounded, and one beyond the doubles fails. A string with a
 * lone surrogate fails as well, as it does in protojson, with which cosign reads statements.
 */
export function parseVerifiedPayload(payload: Uint8Array, what: string): Json {
  if (countPayloadTokens(payload, what) <= DEFAULT_BUDGET.tokens) return parseCountedPayload(payload, what)
  throw new CheckError(PAYLOAD_INVALID, `cannot parse ${what}: more than ${String(DEFAULT_BUDGET.tokens)} JSON tokens`)
}

const PAYLOAD_INVALID = 'ATTESTOR_PAYLOAD_INVALID'

/**
 * Counts the tokens of a verified payload, before anything is built from it.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID if it is nested too deep
 */
export function countPayloadTokens(payload: Uint8Array, what: string): number {
  return strictly(what, PAYLOAD_INVALID, () =>
    checkJsonShape(payload, { maxTokens: Infinity, maxDepth: MAX_JSON_DEPTH }),
  )
}

/**
 * Parses a payload as {@link parseVerifiedPayload} does, after its tokens have been counted.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID
 */
export function parseCountedPayload(payload: Uint8Array, what: string): Json {
  return strictly(what, PAYLOAD_INVALID, () =>
    parseCountedJson(payload, { exactIntegers: false, wellFormedStrings: true }),
  )
}
