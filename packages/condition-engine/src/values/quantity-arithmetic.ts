import { ConditionError } from '../condition-error.ts'
import { LIMITS } from '../limits.ts'
import type { Quantity, QuantityFormat } from './quantity.ts'

/** Returns the sum in the format of the first, or of the second if the first is zero. */
export function addQuantities(left: Quantity, right: Quantity): Quantity {
  const scale = Math.min(left.scale, right.scale)
  return {
    unscaled: atScale(left, scale) + atScale(right, scale),
    scale,
    format: left.unscaled === 0n ? right.format : left.format,
  }
}

/** Returns the difference in the format of {@link addQuantities}. */
export function subtractQuantities(left: Quantity, right: Quantity): Quantity {
  return addQuantities(left, { ...right, unscaled: -right.unscaled })
}

/** Returns the exact product in the format of the first. */
export function multiplyQuantities(left: Quantity, right: Quantity): Quantity {
  return { unscaled: left.unscaled * right.unscaled, scale: left.scale + right.scale, format: left.format }
}

/**
 * Returns the quotient in the format of the first, truncated toward zero at the finer of the two scales, as in Kyverno.
 *
 * @throws RangeError if the divisor is zero
 */
export function divideQuantities(left: Quantity, right: Quantity): Quantity {
  const scale = Math.min(left.scale, right.scale)
  const shift = left.scale - right.scale - scale
  const dividend = left.unscaled * powerOfTen(Math.max(0, shift))
  return { unscaled: dividend / (right.unscaled * powerOfTen(Math.max(0, -shift))), scale, format: left.format }
}

/** Converts a whole number to a quantity. */
export function quantityOf(value: bigint, format: QuantityFormat): Quantity {
  return { unscaled: value, scale: 0, format }
}

/**
 * Converts to a float as Kubernetes does (`AsApproximateFloat64`), which may differ from the nearest float in the last
 * bit.
 */
export function quantityNumber({ unscaled, scale }: Quantity): number {
  return scale === 0 ? Number(unscaled) : Number(unscaled) * goPowerOfTen(scale)
}

/** Go multiplies two factors for a power of ten, which is not always the nearest float. */
function goPowerOfTen(exponent: number): number {
  if (exponent > 308) return Infinity
  if (exponent < -323) return 0
  const magnitude = Math.abs(exponent)
  const coarse = 32 * Math.trunc(magnitude / 32)
  const fine = Number(`1e${magnitude % 32}`)
  return exponent >= 0 ? Number(`1e${coarse}`) * fine : Number(`1e-${coarse}`) / fine
}

function atScale({ unscaled, scale }: Quantity, wanted: number): bigint {
  return unscaled === 0n ? 0n : unscaled * powerOfTen(scale - wanted)
}

function powerOfTen(exponent: number): bigint {
  if (exponent > LIMITS.quantityExponent) {
    throw new ConditionError(
      'CONDITION_LIMIT_EXCEEDED',
      'limit',
      `arithmetic of quantities: expected exponents at most ${LIMITS.quantityExponent} digits apart, got ${exponent}`,
    )
  }
  return 10n ** BigInt(exponent)
}
