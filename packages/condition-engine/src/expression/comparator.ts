import type { Compiled } from './compile-node.ts'
import { deepEqual } from './deep-equal.ts'
import type { Comparison } from './node.ts'
import { orNull } from './value.ts'
import type { Evaluate } from './value.ts'

const ORDER: Readonly<Record<Exclude<Comparison, 'tEQ' | 'tNE'>, (left: number, right: number) => boolean>> = {
  tLT: (left, right) => left < right,
  tLTE: (left, right) => left <= right,
  tGT: (left, right) => left > right,
  tGTE: (left, right) => left >= right,
}

/**
 * Compares two values. Equality compares any values. Ordering compares numbers and is null for anything else. A missing
 * key is null on either side.
 */
export function comparator(comparison: Comparison, left: Compiled, right: Compiled): Evaluate {
  if (comparison === 'tEQ' || comparison === 'tNE') {
    const wanted = comparison === 'tEQ'
    return (value, evaluation) =>
      deepEqual(
        orNull(left.evaluate(value, evaluation)),
        orNull(right.evaluate(value, evaluation)),
        evaluation.meter,
      ) === wanted
  }
  const holds = ORDER[comparison]
  return (value, evaluation) => {
    const leftValue = orNull(left.evaluate(value, evaluation))
    const rightValue = orNull(right.evaluate(value, evaluation))
    return typeof leftValue === 'number' && typeof rightValue === 'number' ? holds(leftValue, rightValue) : null
  }
}
