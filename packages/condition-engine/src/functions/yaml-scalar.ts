import { bytesOfText, textOfBytes } from './byte-text.ts'

type Scalar = null | boolean | number | string

const WORDS: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, -Infinity] as const),
])
const INTEGER = /^[-+]?(?:0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/
/** Longer than 64 bits in any base. */
const LONGEST_INTEGER = 70
const CORE_TAG = /^(?:!!|!<tag:yaml\.org,2002:)(\w+)>?$/

/** A plain scalar of YAML 1.1: `yes` and `on` are booleans, `0x1F`, `017` and `1_000` numbers; dates and `1:30` stay text. */
export function readPlainScalar(text: string): Scalar {
  const word = WORDS.get(text)
  if (word !== undefined) return word
  if (!/^[-+.\d]/.test(text)) return text
  const digits = text.startsWith('.') ? text : text.replaceAll('_', '')
  const integer = INTEGER.test(digits) && digits.length <= LONGEST_INTEGER ? integerOf(digits) : undefined
  if (integer !== undefined) return integer
  if (!FLOAT.test(digits)) return text
  const float = Number(digits)
  return Number.isFinite(float) ? float : text
}

/** The number, if 64 bits hold it. */
function integerOf(digits: string): number | undefined {
  const unsigned = digits.replace(/^[-+]/, '')
  const magnitude = /^0[0-7]/.test(unsigned) ? BigInt(`0o${unsigned}`) : BigInt(unsigned.toLowerCase())
  const negative = digits.startsWith('-')
  if (magnitude > (negative ? 2n ** 63n : 2n ** 64n - 1n)) return undefined
  return magnitude === 0n ? 0 : Number(negative ? -magnitude : magnitude)
}

/** A scalar with a tag; `undefined` where the two do not fit. Tags that are not YAML's own change nothing. */
export function readTaggedScalar(tag: string, text: string, plain: boolean): Scalar | undefined {
  const core = CORE_TAG.exec(tag)?.[1]
  if (core === 'str' || tag === '!' || (core === undefined && !plain)) return text
  if (core === 'binary') return textOfBytes(Buffer.from(bytesOfText(text).toString('latin1'), 'base64')).text
  const value = readPlainScalar(text)
  switch (core) {
    case 'int': return Number.isInteger(value) ? value : undefined
    case 'float': return typeof value === 'number' ? value : undefined
    case 'bool': return typeof value === 'boolean' ? value : undefined
    case 'null': return value === null ? value : undefined
    default: return plain ? value : text
  }
}
