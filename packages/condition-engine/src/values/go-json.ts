import { formatJsonNumber } from '@verify-images/primitives'
import { compareText } from './compare-text.ts'
import { isGoList, type GoValue } from './go-value.ts'

export interface GoJsonOptions {
  /** The least number of digits of an exponent: encoding/json writes `1e-7`, jsoniter (variables inside text) `1e-07`. */
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
 * The compact JSON text Go writes: keys sorted by bytes, `<`, `>` and `&` escaped for HTML, floats in Go's form.
 * A number that is not finite, which Go refuses, is written as `null`.
 */
export function goJson(value: GoValue, options: GoJsonOptions = {}): string {
  const exponentDigits = options.exponentDigits ?? 1
  return write(value, exponentDigits)
}

function write(value: GoValue, exponentDigits: 1 | 2): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return goJsonText(value, exponentDigits === 2)
  if (typeof value === 'number') return Number.isFinite(value) ? formatJsonNumber(value, exponentDigits) : 'null'
  if (typeof value !== 'object') return String(value)
  if (isGoList(value)) return `[${value.map((item) => write(item, exponentDigits)).join(',')}]`
  const members = Object.entries(value).sort(([left], [right]) => compareText(left, right))
  return `{${members.map(([key, item]) => `${goJsonText(key, exponentDigits === 2)}:${write(item, exponentDigits)}`).join(',')}}`
}

/** One JSON string. jsoniter knows no `\b` and `\f`. Half a surrogate pair, which Go cannot hold, is U+FFFD. */
function goJsonText(text: string, jsoniter: boolean): string {
  const escaped = text.toWellFormed().replace(UNSAFE, (character) => {
    const short = jsoniter && (character === '\b' || character === '\f') ? undefined : SHORT.get(character)
    // Go escapes control characters of ASCII only.
    if (character >= '\u007f' && character <= '\u009f') return character
    return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  return `"${escaped}"`
}
