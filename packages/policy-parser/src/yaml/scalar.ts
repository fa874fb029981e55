/** What a plain YAML scalar stands for. `inexact` is a whole number that a JavaScript number cannot hold. */
export type ScalarValue =
  { readonly kind: 'value'; readonly value: null | boolean | number | string } | { readonly kind: 'inexact' }

const WORDS: ReadonlyMap<string, null | boolean> = new Map<string, null | boolean>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
])

const INTEGER = /^[-+]?(?:0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/

/**
 * Reads a plain scalar as Kubernetes does (YAML 1.1 of go-yaml 2): `yes` and `on` are booleans, `0x1F`, `0b1`, `0o17`
 * and `017` are numbers, `1_000` is a number, dates and `1:30` stay text.
 *
 * `.inf` and `.nan` stay text here: JSON cannot say them, so go-yaml's value never gets through to Kubernetes.
 */
export function readPlainScalar(text: string): ScalarValue {
  const word = WORDS.get(text)
  if (word !== undefined) return { kind: 'value', value: word }
  // A number starts with a digit, a sign or a point; all else is text.
  if (!/^[-+.\d]/.test(text)) return { kind: 'value', value: text }
  const digits = text.startsWith('.') ? text : text.replaceAll('_', '')
  if (INTEGER.test(digits)) return readInteger(digits, text)
  if (FLOAT.test(digits)) return readFloat(digits, text)
  return { kind: 'value', value: text }
}

function readInteger(digits: string, text: string): ScalarValue {
  const negative = digits.startsWith('-')
  const unsigned = digits.replace(/^[-+]/, '')
  // Longer than 64 bits in any base, and not worth the time of a BigInt.
  if (unsigned.length > 70) return FLOAT.test(digits) ? { kind: 'inexact' } : { kind: 'value', value: text }
  const octal = /^0(?=[0-7])/.test(unsigned)
  const magnitude = octal ? BigInt(`0o${unsigned}`) : BigInt(unsigned.toLowerCase())
  const value = Number(negative ? -magnitude : magnitude)
  // Beyond 64 bits go-yaml takes a decimal number for a float; that is no exact number either.
  if (!Number.isSafeInteger(value))
    return magnitude > 0xffff_ffff_ffff_ffffn && !FLOAT.test(digits)
      ? { kind: 'value', value: text }
      : { kind: 'inexact' }
  return { kind: 'value', value: value === 0 ? 0 : value }
}

function readFloat(digits: string, text: string): ScalarValue {
  const value = Number(digits)
  if (!Number.isFinite(value)) return { kind: 'value', value: text }
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && !/[.eE]/.test(digits)) return { kind: 'inexact' }
  return { kind: 'value', value: value === 0 ? 0 : value }
}
