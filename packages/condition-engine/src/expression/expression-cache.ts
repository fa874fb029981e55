import { optionsInvalid } from '../check-arguments.ts'
import { LIMITS } from '../limits.ts'
import { compileExpression } from './search.ts'
import type { Expression } from './search.ts'

/** A least-recently-used cache of compiled expressions. */
export interface ExpressionCache {
  /** @throws ConditionError CONDITION_EXPRESSION_INVALID; errors are not cached */
  get(text: string): Expression
}

/**
 * Creates a cache of at most `entries` expressions. Share one in a process: expressions repeat with every request.
 *
 * Long expressions are not cached, so that data inserted into expressions cannot exhaust memory.
 *
 * @throws ConditionError CONDITION_OPTIONS_INVALID
 */
export function createExpressionCache(entries: number = LIMITS.cachedExpressions): ExpressionCache {
  if (!Number.isSafeInteger(entries) || entries < 0)
    throw optionsInvalid(`invalid number of cache entries: expected an integer of at least 0, got ${String(entries)}`)
  const kept = new Map<string, Expression>()
  return {
    get(text) {
      const known = kept.get(text)
      const expression = known ?? compileExpression(text)
      if (text.length > LIMITS.cachedExpressionLength) return expression
      if (known !== undefined) kept.delete(text)
      kept.set(text, expression)
      if (kept.size > entries)
        for (const oldest of kept.keys()) {
          kept.delete(oldest)
          break
        }
      return expression
    },
  }
}
