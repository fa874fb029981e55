import { optionsInvalid } from '../check-arguments.ts'
import { LIMITS } from '../limits.ts'
import { compileExpression } from './search.ts'
import type { Expression } from './search.ts'

/** Compiled expressions by their text, the least recently used forgotten first. */
export interface ExpressionCache {
  /** @throws ConditionError CONDITION_EXPRESSION_INVALID, every time anew: faults are not kept */
  get(text: string): Expression
}

/**
 * A cache of at most `entries` expressions. Share one in a process: texts repeat with every request.
 *
 * Long expressions are compiled anew each time, so that data pasted into expressions cannot fill the memory.
 *
 * @throws ConditionError CONDITION_OPTIONS_INVALID
 */
export function createExpressionCache(entries: number = LIMITS.cachedExpressions): ExpressionCache {
  if (!Number.isSafeInteger(entries) || entries < 0)
    throw optionsInvalid('the number of entries must be a whole number of at least 0')
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
