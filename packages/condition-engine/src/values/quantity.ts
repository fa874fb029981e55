/**
 * Kubernetes quantities: exact numbers with a suffix, `500m`, `1.5Gi`, `12e6`.
 *
 * A quantity is `unscaled` × 10^`scale`. The scale is that of Kubernetes, because its division rounds to it.
 *
 * @see Kubernetes, apimachinery: resource.Quantity
 */
import { MAX_INT64 } from '@verify-images/primitives'
import { LIMITS } from '../limits.ts'

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

export interface Quantity {
  readonly unscaled: bigint
  readonly scale: number
  readonly format: QuantityFormat
  /** The original string, if that is already canonical. */
  readonly text?: string
}

/** Decimal places to which Kubernetes rounds (away from zero): nano. */
const NANO = -9
/** Digits that always fit an int64. Longer numbers take Kubernetes' slow, rounding path. */
const FAST_DIGITS = 18
const PARTS = /^([-+]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]+(?:[-+]?\d+)?)?$/
const DECIMAL: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
])
const BINARY: ReadonlyMap<string, number> = new Map([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
])

interface Suffix {
  readonly format: QuantityFormat
  readonly exponent: number
}

/**
 * Parses a quantity. Returns `undefined` if it is not one.
 *
 * As in Kubernetes, a lone suffix, sign or dot is zero (`k`, `-`, `.`), and more than nine decimal places are rounded
 * away from zero.
 */
export function parseQuantity(text: string): Quantity | undefined {
  if (text === '' || text.length > LIMITS.quantityLength) return undefined
  const parts = PARTS.exec(text)
  if (parts === null) return undefined
  const [, sign = '', whole = '', fraction, suffixText = ''] = parts
  const suffix = readSuffix(suffixText)
  if (suffix === undefined) return undefined
  const digits = (whole.replace(/^0+/, '') || '0') + (fraction ?? '')
  const fast = fastQuantity(text, sign === '-', digits, fraction ?? '', suffix)
  if (fast !== undefined) return fast
  const hasDigits = /^[-+]?\.?\d/.test(text)
  return hasDigits ? exactQuantity(sign === '-', digits, fraction ?? '', suffix) : undefined
}

function readSuffix(text: string): Suffix | undefined {
  const decimal = DECIMAL.get(text)
  if (decimal !== undefined) return { format: 'DecimalSI', exponent: decimal }
  const binary = BINARY.get(text)
  if (binary !== undefined) return { format: 'BinarySI', exponent: binary }
  if (!/^[eE][-+]?\d+$/.test(text)) return undefined
  const exponent = BigInt(text.slice(1).replace('+', ''))
  return BigInt.asIntN(64, exponent) === exponent
    ? { format: 'DecimalExponent', exponent: Number(BigInt.asIntN(32, exponent)) }
    : undefined
}

function fastQuantity(
  text: string,
  negative: boolean,
  digits: string,
  fraction: string,
  { format, exponent }: Suffix,
): Quantity | undefined {
  const binary = format === 'BinarySI'
  if (binary && fraction !== '') return undefined
  const room = binary ? 15 - digits.length - Math.trunc((exponent * 3) / 10) - 1 : FAST_DIGITS - digits.length
  const scale = ((binary ? 0 : exponent) - fraction.length) | 0
  if (room < 0 || scale < NANO) return undefined
  const value = BigInt(digits)
  const magnitude = binary ? value << BigInt(exponent) : value
  if (magnitude > MAX_INT64) return undefined
  const canonical = binary ? (value & 7n) !== 0n : scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0')
  return { unscaled: negative ? -magnitude : magnitude, scale, format, ...(canonical ? { text } : {}) }
}

function exactQuantity(negative: boolean, digits: string, fraction: string, { format, exponent }: Suffix): Quantity {
  const binary = format === 'BinarySI'
  const mantissa = BigInt(digits) << (binary ? BigInt(exponent) : 0n)
  const scale = binary ? -fraction.length : (exponent - fraction.length) | 0
  const rounded = mantissa === 0n ? { unscaled: 0n, scale } : atNano(mantissa, scale)
  const value =
    binary && compareMagnitudes(rounded, { unscaled: MAX_INT64, scale: 0 }) > 0
      ? { unscaled: MAX_INT64, scale: 0 }
      : rounded
  const fractional = binary && value.unscaled > 0n && compareMagnitudes(value, { unscaled: 1n, scale: 0 }) < 0
  return {
    unscaled: negative ? -value.unscaled : value.unscaled,
    scale: value.scale,
    format: fractional ? 'DecimalSI' : format,
  }
}

/** Rounds the magnitude up to nine decimal places. Huge exponents stay as they are: the value is the same. */
function atNano(unscaled: bigint, scale: number): Pick<Quantity, 'unscaled' | 'scale'> {
  if (scale > LIMITS.quantityLength) return { unscaled, scale }
  if (scale >= NANO) return { unscaled: unscaled * 10n ** BigInt(scale - NANO), scale: NANO }
  const dropped = NANO - scale
  if (dropped > digitsOf(unscaled)) return { unscaled: 1n, scale: NANO }
  const divisor = 10n ** BigInt(dropped)
  return { unscaled: (unscaled + divisor - 1n) / divisor, scale: NANO }
}

function digitsOf(magnitude: bigint): number {
  return magnitude.toString().length
}

/** Compares two non-negative values without expanding a huge exponent. */
function compareMagnitudes(
  left: Pick<Quantity, 'unscaled' | 'scale'>,
  right: Pick<Quantity, 'unscaled' | 'scale'>,
): number {
  if (left.unscaled === 0n || right.unscaled === 0n) return Number(left.unscaled > 0n) - Number(right.unscaled > 0n)
  const order = digitsOf(left.unscaled) + left.scale - (digitsOf(right.unscaled) + right.scale)
  if (order !== 0) return order
  const scale = Math.min(left.scale, right.scale)
  const difference =
    left.unscaled * 10n ** BigInt(left.scale - scale) - right.unscaled * 10n ** BigInt(right.scale - scale)
  return difference === 0n ? 0 : difference > 0n ? 1 : -1
}

/** Compares two quantities as numbers, whatever their formats: negative, zero or positive. */
export function compareQuantities(left: Quantity, right: Quantity): number {
  const leftSign = signOf(left.unscaled)
  const rightSign = signOf(right.unscaled)
  if (leftSign !== rightSign) return leftSign - rightSign
  return leftSign < 0 ? compareMagnitudes(negated(right), negated(left)) : compareMagnitudes(left, right)
}

function signOf(value: bigint): number {
  return value === 0n ? 0 : value > 0n ? 1 : -1
}

function negated({ unscaled, scale }: Quantity): Pick<Quantity, 'unscaled' | 'scale'> {
  return { unscaled: -unscaled, scale }
}

const DECIMAL_NAMES: ReadonlyMap<number, string> = new Map([...DECIMAL].map(([name, exponent]) => [exponent, name]))
const BINARY_NAMES: ReadonlyMap<number, string> = new Map([...BINARY].map(([name, exponent]) => [exponent, name]))

/**
 * Formats the canonical form: no fraction, and the largest suffix that allows that. Beyond the last suffix (`E`, `Ei`)
 * the digits have none, as in Kubernetes.
 */
export function formatQuantity(quantity: Quantity): string {
  if (quantity.text !== undefined) return quantity.text
  const { unscaled, scale, format } = quantity
  if (unscaled === 0n) return '0'
  const whole = format === 'BinarySI' ? binaryInteger(quantity) : undefined
  if (whole !== undefined) {
    const [mantissa, times] = withoutFactors(whole, 1024n)
    return `${mantissa}${BINARY_NAMES.get(times * 10) ?? ''}`
  }
  const [mantissa, zeros] = withoutFactors(unscaled, 10n)
  const exponent = scale + zeros
  const down = ((exponent % 3) + 3) % 3
  const suffix =
    format === 'DecimalExponent' ? exponentText(exponent - down) : (DECIMAL_NAMES.get(exponent - down) ?? '')
  return `${mantissa * 10n ** BigInt(down)}${suffix}`
}

/** Returns the value, if it has a binary form: a whole number of at least 1024. */
function binaryInteger({ unscaled, scale }: Quantity): bigint | undefined {
  if (scale > LIMITS.quantityLength) return undefined
  const divisor = 10n ** BigInt(Math.max(0, -scale))
  if (unscaled % divisor !== 0n) return undefined
  const value = (unscaled * 10n ** BigInt(Math.max(0, scale))) / divisor
  return value > -1024n && value < 1024n ? undefined : value
}

function withoutFactors(value: bigint, factor: bigint): [rest: bigint, times: number] {
  let rest = value
  let times = 0
  while (rest % factor === 0n) {
    rest /= factor
    times++
  }
  return [rest, times]
}

function exponentText(exponent: number): string {
  return exponent === 0 ? '' : `e${exponent}`
}
