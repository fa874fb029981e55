import { ConditionError } from '../condition-error.ts'
import { LIMITS } from '../limits.ts'

/**
 * Stops a recursive walk of a document before it overflows the stack.
 *
 * @throws ConditionError CONDITION_LIMIT_EXCEEDED
 */
export function checkDepth(depth: number): void {
  if (depth <= LIMITS.documentDepth) return
  throw new ConditionError(
    'CONDITION_LIMIT_EXCEEDED',
    'limit',
    `a document has more than ${LIMITS.documentDepth} levels`,
  )
}
