import { float32Text, formatGoFloat, MAX_INT64, MIN_INT64 } from '../go-number.ts'

/*
 * The values of YAML scalars. Kyverno reads YAML with go-yaml 2 (behind sigs.k8s.io/yaml), which
 * knows YAML 1.1, and writes it with go-yaml 3.
 */

/** The value of a scalar. `NaN` and the infinities are numbers of YAML that JSON does not have. */
export type YamlScalar = null | boolean | number | string

const WORDS: ReadonlyMap<string, YamlScalar> = new Map<string, YamlScalar>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, -Infinity] as const),
])

const INTEGER = /^([-+]?)(0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/
/** go-yaml cuts this prefix off before it reads the rest, sign included. */
const SIGN_AFTER_BINARY_PREFIX = /^0b([-+])(?=[01])/
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/
/** No integer of 64 bits is longer, in any base. */
const MAX_INTEGER_CHARACTERS = 70
const MAX_UINT64 = 2n ** 64n - 1n

/**
 * Reads a plain scalar: `yes` and `on` are booleans, `0x1F`, `0b1`, `0o17`, `017` and `1_000` are numbers, dates and
 * `1:30` are strings.
 *
 * @see gopkg.in/yaml.v2, resolve.go
 */
export function readPlainScalar(text: string): YamlScalar {
  const word = WORDS.get(text)
  if (word !== undefined) return word
  if (!/^[-+.\d]/.test(text)) return text
  const integer = readInteger(text)
  if (integer !== undefined) return integer === 0n ? 0 : Number(integer)
  const digits = withoutUnderscores(text)
  if (!FLOAT.test(digits)) return text
  const float = Number(digits)
  return Number.isFinite(float) ? float : text
}

/** Returns the exact value of a plain scalar that is an integer of 64 bits; undefined for every other scalar. */
export function readInteger(text: string): bigint | undefined {
  if (!/^[-+\d]/.test(text)) return undefined
  const digits = withoutUnderscores(text).replace(SIGN_AFTER_BINARY_PREFIX, (_, sign: string) => `${sign}0b`)
  if (digits.length > MAX_INTEGER_CHARACTERS) return undefined
  const [, sign, unsigned = ''] = INTEGER.exec(digits) ?? []
  if (sign === undefined) return undefined
  const magnitude = /^0[0-7]/.test(unsigned) ? BigInt(`0o${unsigned}`) : BigInt(unsigned.toLowerCase())
  const value = sign === '-' ? -magnitude : magnitude
  return value < MIN_INT64 || value > (sign === '+' ? MAX_INT64 : MAX_UINT64) ? undefined : value
}

/** After a leading point an underscore counts only between two digits. */
function withoutUnderscores(text: string): string {
  return text.startsWith('.') ? text.replace(/(?<=\d)_(?=\d)/g, '') : text.replaceAll('_', '')
}

/** Tags that give a scalar its type; `!!binary` holds bytes and is not among them. */
export type ScalarTag = 'str' | 'int' | 'float' | 'bool' | 'null' | 'timestamp'

/** Reads a scalar that has a tag; returns undefined if the text does not fit the tag. */
export function readTaggedScalar(tag: ScalarTag, text: string): YamlScalar | undefined {
  const value = readPlainScalar(text)
  switch (tag) {
    case 'str':
      return text
    case 'int':
      return readInteger(text) === undefined ? undefined : value
    case 'float':
      return typeof value === 'number' ? value : undefined
    case 'bool':
      return typeof value === 'boolean' ? value : undefined
    case 'null':
      return value === null ? value : undefined
    case 'timestamp':
      return isTimestamp(text) ? text : undefined
  }
}

/** Returns the key that a scalar becomes in a JSON object; undefined for null, which cannot be a key. */
export function scalarKey(value: YamlScalar, text: string): string | undefined {
  if (value === null) return undefined
  if (typeof value !== 'number') return String(value)
  const integer = readInteger(text)
  // It has no branch for unsigned integers beyond 63 bits.
  if (integer !== undefined) return integer > MAX_INT64 ? undefined : String(integer)
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf'
  // sigs.k8s.io/yaml formats float keys with 32 bits.
  return formatGoFloat(Number(float32Text(value)))
}

const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
/** go-yaml 3 also cuts off this prefix before the sign. */
const SIGN_AFTER_OCTAL_PREFIX = /^0o([-+])(?=[0-7_])/

/**
 * Returns whether go-yaml writes `text` without quotes for the scalar's sake: every YAML reader takes it for a string.
 *
 * Beside what go-yaml itself reads differently, that excludes numbers in base 60, which other readers of YAML 1.1 know.
 *
 * @see go.yaml.in/yaml/v3, resolve.go, encode.go
 */
export function isPlainString(text: string): boolean {
  return (
    typeof readPlainScalar(text) === 'string' &&
    readInteger(text.replace(SIGN_AFTER_OCTAL_PREFIX, (_, sign: string) => `${sign}0o`)) === undefined &&
    !BASE_60.test(text) &&
    !isTimestamp(text)
  )
}

const TIMESTAMP =
  /^(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})(?:(?<joint>[Tt]| +)(?<hour>\d{1,2}):(?<minute>\d{1,2}):(?<second>\d{1,2})(?:[.,]\d+)?(?<zone>Z|[-+](?<zoneHour>\d{2}):(?<zoneMinute>\d{2}))?)?$/

/** Returns whether `text` is a date, or a date and a time: with a zone after a `T`, without one after a space. */
function isTimestamp(text: string): boolean {
  const { joint, zone, ...parts } = TIMESTAMP.exec(text)?.groups ?? {}
  const part = (name: string): number => Number(parts[name] ?? 0)
  const zoned = joint === 'T' || joint === 't'
  return (
    zoned === (zone !== undefined) &&
    part('month') >= 1 &&
    part('month') <= 12 &&
    part('day') >= 1 &&
    part('day') <= daysIn(part('year'), part('month')) &&
    part('hour') < 24 &&
    part('minute') < 60 &&
    part('second') < 60 &&
    part('zoneHour') <= 24 &&
    part('zoneMinute') <= 60
  )
}

/**
 * The calendar repeats every 400 years; adding them keeps `Date.UTC` from moving the years 0 to 99 into the 20th
 * century.
 */
function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year + 400, month, 0)).getUTCDate()
}
