import type { Value } from '../expression/value.ts'
import { parseDuration } from '../values/duration.ts'
import { parseQuantity } from '../values/quantity.ts'
import type { Quantity } from '../values/quantity.ts'
import { functionError } from './function-error.ts'

/** What arithmetic is done on. */
export type Operand =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'quantity'; readonly value: Quantity }
  | { readonly kind: 'duration'; readonly value: bigint }

/**
 * A number is a scalar; a text is a quantity if it is one, else a duration. So `1m` is a thousandth and `1h` an hour.
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
