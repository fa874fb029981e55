/** Numbers read and written the way Go's strconv, fmt and encoding/json do it. */
/** The range of Go's `int64`. */
export const MIN_INT64: bigint = -(2n ** 63n)
export const MAX_INT64: bigint = 2n ** 63n - 1n

const INT64 = /^([-+]?)(?:0*([1-9]\d*)|0+)$/
const MAX_INT64_DIGITS = 19
const DECIMAL_FLOAT = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/
const HEX_FLOAT = /^([-+]?)0[xX]([\da-fA-F]*)(?:\.([\da-fA-F]*))?[pP]([-+]?\d+)$/
const DECIMAL_UNDERSCORE_MISPLACED = /(?<!\d)_|_(?!\d)/
const HEX_UNDERSCORE_MISPLACED = /(?<![\da-fA-FxX])_|_(?![\da-fA-F])/
const HEX_PREFIX = /^[-+]?0[xX]/
const INFINITY = /^([-+]?)inf(?:inity)?$/i

/** Returns a base-10 integer of 64 bits, as `strconv.ParseInt(text, 10, 64)`. */
export function parseGoInteger(text: string): bigint | undefined {
  const [, sign, digits = '0'] = INT64.exec(text) ?? []
  if (sign === undefined || digits.length > MAX_INT64_DIGITS) return undefined
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits)
  return BigInt.asIntN(64, value) === value ? value : undefined
}

/**
 * Returns a float, as `strconv.ParseFloat(text, 64)`: also `inf`, `NaN`, hexadecimal (`0x1p-2`) and digits grouped with
 * `_`. `undefined` where Go reports an error, which includes numbers too large for a float.
 */
export function parseGoFloat(text: string): number | undefined {
  if (text.toLowerCase() === 'nan') return Number.NaN
  const infinity = INFINITY.exec(text)
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity
  const misplaced = HEX_PREFIX.test(text) ? HEX_UNDERSCORE_MISPLACED : DECIMAL_UNDERSCORE_MISPLACED
  if (text.includes('_') && misplaced.test(text)) return undefined
  const plain = text.replaceAll('_', '')
  const hex = HEX_FLOAT.exec(plain)
  const value = hex !== null ? hexFloat(hex) : DECIMAL_FLOAT.test(plain) ? Number(plain) : undefined
  return value === undefined || !Number.isFinite(value) ? undefined : value
}

function hexFloat([, sign = '', whole = '', fraction = '', exponentText = '']: RegExpExecArray): number | undefined {
  const digits = whole + fraction
  if (digits === '') return undefined
  const mantissa = Number(BigInt(`0x${digits}`))
  const exponent = Math.max(-10_000, Math.min(10_000, Number(exponentText))) - 4 * fraction.length
  // Two steps, so that a large mantissa with a small exponent does not pass through zero or infinity.
  const half = Math.trunc(exponent / 2)
  return (sign === '-' ? -1 : 1) * mantissa * 2 ** half * 2 ** (exponent - half)
}

/** Returns a number as `fmt.Sprint` prints it: `1`, `1.5`, `1e+06`, `1e-05`. */
export function formatGoFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const exponent = exponentOf(value)
  return exponent < -4 || exponent >= 6 ? scientific(value, 2) : plainDecimal(value)
}

/** Returns a number as encoding/json writes it; jsoniter pads the exponent to two digits. */
export function formatJsonNumber(value: number, exponentDigits: 1 | 2): string {
  const magnitude = Math.abs(value)
  return magnitude !== 0 && (magnitude < 1e-6 || magnitude >= 1e21)
    ? scientific(value, exponentDigits)
    : plainDecimal(value)
}

function exponentOf(value: number): number {
  return value === 0 ? 0 : Number(value.toExponential().split('e')[1])
}

function scientific(value: number, exponentDigits: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  return `${mantissa}e${exponent.startsWith('-') ? '-' : '+'}${exponent.replace(/^[-+]/, '').padStart(exponentDigits, '0')}`
}

/** Returns the shortest digits that read back as the same number, never with an exponent. */
function plainDecimal(value: number): string {
  if (Object.is(value, -0)) return '-0'
  const text = String(value)
  if (!text.includes('e')) return text
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const digits = whole + fraction
  const point = 1 + Number(exponent)
  return point <= 0 ? `${sign}0.${'0'.repeat(-point)}${digits}` : `${sign}${digits.padEnd(point, '0')}`
}
/** The digits that any 32-bit float needs at most. */
const MOST_DIGITS = 9

/**
 * Returns a number as text with the precision of 32 bits and no exponent: `0.1`, but `16777216` for 16777217. Kyverno
 * turns numbers into text this way where a function takes either.
 *
 * @see Go, package strconv: FormatFloat(value, 'f', -1, 32)
 */
export function float32Text(value: number): string {
  const rounded = Math.fround(value)
  if (Number.isNaN(rounded)) return 'NaN'
  if (!Number.isFinite(rounded)) return rounded > 0 ? '+Inf' : '-Inf'
  if (rounded === 0) return Object.is(rounded, -0) ? '-0' : '0'
  for (let digits = 1; digits < MOST_DIGITS; digits++) {
    const shortened = roundedToEven(rounded, digits)
    if (Math.fround(Number(shortened)) === rounded) return withoutExponent(shortened)
  }
  return withoutExponent(rounded.toExponential(MOST_DIGITS - 1))
}

/** Returns a number in scientific form with this many digits, rounded to even like Go; JavaScript rounds a half up. */
function roundedToEven(value: number, digits: number): string {
  const shortened = value.toExponential(digits - 1)
  const [mantissa = '', exponent = ''] = shortened.split('e')
  const odd = /[13579]$/.test(mantissa)
  const exact = value.toExponential(digits)
  if (!odd || !/5e/.test(exact) || Number(exact) !== value) return shortened
  return `${mantissa.slice(0, -1)}${Number(mantissa.slice(-1)) - 1}e${exponent}`
}

function withoutExponent(scientific: string): string {
  const [mantissa = '', exponent = ''] = scientific.split('e')
  const sign = mantissa.startsWith('-') ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  const point = 1 + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return (
    sign + (point >= digits.length ? digits.padEnd(point, '0') : `${digits.slice(0, point)}.${digits.slice(point)}`)
  )
}
