import { formatGoFloat } from '../values/go-number.ts'
import { textOfBytes } from './byte-text.ts'
import { float32Text } from './float32-text.ts'

/** What a YAML scalar stands for. */
export type Scalar = null | boolean | number | string

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
const TIMESTAMP = /^\d{4}-\d\d?-\d\d?(?:[Tt ]\d\d?:\d\d?:\d\d?(?:[.,]\d+)?(?:Z|[-+]\d\d:\d\d)?)?$/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const CORE_TAG = /^(?:!!|!<tag:yaml\.org,2002:)(\w+)>?$/

/** A plain scalar of YAML 1.1: `yes` and `on` are booleans, `0x1F`, `017` and `1_000` numbers; dates and `1:30` stay text. */
export function readPlainScalar(text: string): Scalar {
  const word = WORDS.get(text)
  if (word !== undefined) return word
  if (!/^[-+.\d]/.test(text)) return text
  const digits = text.startsWith('.') ? text.replace(/(?<=\d)_(?=\d)/g, '') : text.replaceAll('_', '')
  const integer = INTEGER.test(digits) && digits.length <= LONGEST_INTEGER ? integerOf(digits) : undefined
  if (integer !== undefined) return integer
  if (!FLOAT.test(digits)) return text
  const float = Number(digits)
  return Number.isFinite(float) ? float : text
}

/** Whether a plain scalar is a whole number of 64 bits, not one with a point or an exponent. */
function isInteger(text: string): boolean {
  return /^[-+\d]/.test(text) && INTEGER.test(text.replaceAll('_', '')) && typeof readPlainScalar(text) === 'number'
}

/** The number, if 64 bits hold it. */
function integerOf(digits: string): number | undefined {
  const value = exactInteger(digits)
  if (value > 2n ** 64n - 1n || value < -(2n ** 63n)) return undefined
  return value === 0n ? 0 : Number(value)
}

function exactInteger(digits: string): bigint {
  const unsigned = digits.replace(/^[-+]/, '')
  const magnitude = /^0[0-7]/.test(unsigned) ? BigInt(`0o${unsigned}`) : BigInt(unsigned.toLowerCase())
  return digits.startsWith('-') ? -magnitude : magnitude
}

/** The text of a scalar as the key of an object; `undefined` for null, which is no key. */
export function scalarKey(value: Scalar, text: string): string | undefined {
  if (value === null) return undefined
  if (typeof value !== 'number') return String(value)
  if (isInteger(text)) return String(exactInteger(text.replaceAll('_', '')))
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf'
  return formatGoFloat(Number(float32Text(value)))
}

/** A scalar with a tag; `undefined` where the two do not fit. Tags that are not YAML's own make it text. */
export function readTaggedScalar(tag: string, text: string): Scalar | undefined {
  if (tag === '!') return readPlainScalar(text)
  const core = CORE_TAG.exec(tag)?.[1]
  const value = readPlainScalar(text)
  switch (core) {
    case 'int':
      return isInteger(text) ? value : undefined
    case 'float':
      return typeof value === 'number' ? value : undefined
    case 'bool':
      return typeof value === 'boolean' ? value : undefined
    case 'null':
      return value === null ? value : undefined
    case 'timestamp':
      return TIMESTAMP.test(text) ? text : undefined
    case 'binary':
      return binaryText(text)
    default:
      return text
  }
}

function binaryText(text: string): string | undefined {
  const encoded = text.replace(/[\r\n]+/g, '')
  return BASE64.test(encoded) ? textOfBytes(Buffer.from(encoded, 'base64')).text : undefined
}
