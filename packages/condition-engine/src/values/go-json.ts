import { formatJsonNumber } from '@verify-images/primitives'
import { compareStrings } from './compare-strings.ts'
import { isGoArray, type GoValue } from './go-value.ts'

export interface GoJsonOptions {
  /** Minimum number of exponent digits: encoding/json writes `1e-7`, jsoniter (variables inside a string) `1e-07`. */
  readonly exponentDigits?: 1 | 2
}

const UNSAFE = /["\\<>&\u2028\u2029\p{Cc}]/gu
const SHORT: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\b', '\\b'],
  ['\f', '\\f'],
])

/**
 * Encodes JSON as Go does: compact, keys sorted by bytes, `<`, `>` and `&` escaped for HTML, floats in Go's format.
 * A number that is not finite, which Go rejects, becomes `null`.
 */
export function goJson(value: GoValue, options: GoJsonOptions = {}): string {
  const exponentDigits = options.exponentDigits ?? 1
  return write(value, exponentDigits)
}

function write(value: GoValue, exponentDigits: 1 | 2): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return goJsonString(value, exponentDigits === 2)
  if (typeof value === 'number') return Number.isFinite(value) ? formatJsonNumber(value, exponentDigits) : 'null'
  if (typeof value !== 'object') return String(value)
  if (isGoArray(value)) return `[${value.map((item) => write(item, exponentDigits)).join(',')}]`
  const members = Object.entries(value).sort(([left], [right]) => compareStrings(left, right))
  const fields = members.map(
    ([key, item]) => `${goJsonString(key, exponentDigits === 2)}:${write(item, exponentDigits)}`,
  )
  return `{${fields.join(',')}}`
}

/**
 * Encodes a JSON string. jsoniter has no `\b` and `\f`. A lone surrogate, which Go cannot represent, becomes U+FFFD.
 */
function goJsonString(text: string, jsoniter: boolean): string {
  const escaped = text.toWellFormed().replace(UNSAFE, (character) => {
    const short = jsoniter && (character === '\b' || character === '\f') ? undefined : SHORT.get(character)
    // Go escapes only ASCII control characters.
    if (character >= '\u007f' && character <= '\u009f') return character
    return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  return `"${escaped}"`
}
