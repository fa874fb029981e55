import { formatGoFloat } from '@verify-images/primitives'
import type { Value } from '../expression/value.ts'
import { durationSeconds, floatToInt64, formatDuration, parseDuration, wrapInt64 } from '../values/duration.ts'
import {
  addQuantities,
  divideQuantities,
  multiplyQuantities,
  quantityNumber,
  quantityOf,
  subtractQuantities,
} from '../values/quantity-arithmetic.ts'
import { formatQuantity, parseQuantity } from '../values/quantity.ts'
import type { Quantity } from '../values/quantity.ts'
import { functionError } from './function-definition.ts'

/** An operand of Kyverno's arithmetic. */
export type Operand =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'quantity'; readonly value: Quantity }
  | { readonly kind: 'duration'; readonly value: bigint }

/**
 * Reads a number as a scalar, and a string as a quantity or else as a duration: `1m` is a thousandth, `1h` an hour.
 *
 * @throws ConditionError kind `type` for anything else
 */
export function readOperand(value: Value, functionName: string): Operand {
  if (typeof value === 'number') return { kind: 'scalar', value }
  if (typeof value === 'string') {
    const quantity = parseQuantity(value)
    if (quantity !== undefined) return { kind: 'quantity', value: quantity }
    const duration = parseDuration(value)
    if (duration !== undefined) return { kind: 'duration', value: duration }
  }
  throw functionError(functionName, 'type', 'invalid operand')
}

type Operation = (left: Operand, right: Operand) => Value

function typesMismatch(name: string): Error {
  return functionError(name, 'type', 'Types mismatch')
}

function zeroDivisor(name: string): Error {
  return functionError(name, 'value', 'Zero divisor passed')
}

/** Adds two operands of one kind. Errors name the function `name`. */
export function add(left: Operand, right: Operand, name: string): Value {
  if (left.kind === 'scalar' && right.kind === 'scalar') return left.value + right.value
  if (left.kind === 'quantity' && right.kind === 'quantity')
    return formatQuantity(addQuantities(left.value, right.value))
  if (left.kind === 'duration' && right.kind === 'duration') return formatDuration(wrapInt64(left.value + right.value))
  throw typesMismatch(name)
}

export const subtract: Operation = (left, right) => {
  if (left.kind === 'scalar' && right.kind === 'scalar') return left.value - right.value
  if (left.kind === 'quantity' && right.kind === 'quantity')
    return formatQuantity(subtractQuantities(left.value, right.value))
  if (left.kind === 'duration' && right.kind === 'duration') return formatDuration(wrapInt64(left.value - right.value))
  throw typesMismatch('subtract')
}

/** Multiplies two operands, one of which must be a scalar. */
export const multiply: Operation = (left, right) => {
  if (right.kind !== 'scalar') {
    if (left.kind !== 'scalar') throw typesMismatch('multiply')
    return multiply(right, left)
  }
  if (left.kind === 'scalar') return left.value * right.value
  if (left.kind === 'duration') return durationText(durationSeconds(left.value) * right.value)
  return formatQuantity(multiplyQuantities(left.value, scalarQuantity(right.value, 'multiply')))
}

/** Divides two operands of one kind to a number, or an operand by a scalar to its own kind. */
export const divide: Operation = (left, right) => {
  if (right.kind === 'scalar') {
    if (right.value === 0) throw zeroDivisor('divide')
    if (left.kind === 'scalar') return left.value / right.value
    if (left.kind === 'duration') return durationText(durationSeconds(left.value) / right.value)
    const divisor = scalarQuantity(right.value, 'divide')
    if (divisor.unscaled === 0n) throw zeroDivisor('divide')
    return formatQuantity(divideQuantities(left.value, divisor))
  }
  if (left.kind === 'quantity' && right.kind === 'quantity')
    return ratio(quantityNumber(left.value), quantityNumber(right.value))
  if (left.kind === 'duration' && right.kind === 'duration')
    return ratio(durationSeconds(left.value), durationSeconds(right.value))
  throw typesMismatch('divide')
}

/** Returns the remainder, with the sign of the dividend. Scalars and quantities must be integers. */
export const modulo: Operation = (left, right) => {
  if (left.kind === 'scalar' && right.kind === 'scalar') return Number(remainder(left.value, right.value))
  if (left.kind === 'quantity' && right.kind === 'quantity') {
    return formatQuantity(
      quantityOf(remainder(quantityNumber(left.value), quantityNumber(right.value)), left.value.format),
    )
  }
  if (left.kind !== 'duration' || right.kind !== 'duration') throw typesMismatch('modulo')
  if (right.value === 0n) throw zeroDivisor('modulo')
  return formatDuration(left.value % right.value)
}

function ratio(dividend: number, divisor: number): number {
  if (divisor === 0) throw zeroDivisor('divide')
  return dividend / divisor
}

function remainder(dividend: number, divisor: number): bigint {
  const whole = floatToInt64(dividend)
  const wholeDivisor = floatToInt64(divisor)
  if (Number(whole) !== dividend || Number(wholeDivisor) !== divisor)
    throw functionError('modulo', 'value', 'Non-integer argument(s) passed for modulo')
  if (wholeDivisor === 0n) throw zeroDivisor('modulo')
  return whole % wholeDivisor
}

/** Truncates to nanoseconds. */
function durationText(seconds: number): string {
  return formatDuration(floatToInt64(seconds * 1e9))
}

/** Converts a scalar to a quantity by way of its text, so with the precision of quantities. */
function scalarQuantity(value: number, name: string): Quantity {
  const quantity = parseQuantity(formatGoFloat(value))
  if (quantity === undefined) throw functionError(name, 'value', 'invalid operand')
  return quantity
}
