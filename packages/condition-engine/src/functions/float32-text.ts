/** The digits that any 32-bit float needs at most. */
const MOST_DIGITS = 9

/**
 * A number as text with the precision of 32 bits and no exponent: `0.1`, but `16777216` for 16777217. Kyverno turns numbers
 * into text this way where a function takes either.
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

/** So many digits in scientific form. Half way between two, JavaScript takes the larger, Go the even one. */
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
