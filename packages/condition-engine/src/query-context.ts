import type { Json, JsonObject } from '@verify-images/primitives'
import { checkOptions } from './check-arguments.ts'
import { ConditionError } from './condition-error.ts'
import { ENGINE_OPTIONS, type EngineOptions } from './expression/engine-options.ts'
import { createExpressionCache } from './expression/expression-cache.ts'
import { searchMetered } from './expression/search.ts'
import type { Expression } from './expression/search.ts'
import { WorkMeter } from './expression/work-meter.ts'
import { LIMITS } from './limits.ts'

/** What variables and conditions ask for values. Anything can stand behind it, such as data that is loaded when asked for. */
export interface QueryContext {
  /**
   * The value of an expression.
   *
   * @throws ConditionError CONDITION_VARIABLE_UNRESOLVED (kind `not-found`) where a key is missing; the codes of `search`.
   *   Errors of another class pass through whoever asks unchanged.
   */
  query(expression: string): Json
}

const SPACE = /^[\s\u0085]+|(?<![\s\u0085])[\s\u0085]+$/g

/**
 * Answers queries over data that is at hand.
 *
 * Messages are those of Kyverno's query layer. All queries of one context draw on one budget, so that many small
 * expressions cannot do what one large expression may not.
 *
 * @see Kyverno, pkg/engine/context: Query
 */
export function createQueryContext(data: JsonObject, options: EngineOptions = {}): QueryContext {
  checkOptions(options, ENGINE_OPTIONS)
  const expressions = options.expressions ?? createExpressionCache()
  const whole = new WorkMeter(options.budget, LIMITS.contextEvaluations)
  return {
    query(expression) {
      const text = typeof expression === 'string' ? expression.replace(SPACE, '') : ''
      if (text === '') throw new ConditionError('CONDITION_EXPRESSION_INVALID', 'syntax', 'invalid query (nil)')
      const compiled = compile(text, expressions)
      try {
        return searchMetered(compiled, data, options, new WorkMeter(options.budget, 1, whole))
      } catch (error) {
        throw prefixed(error, 'JMESPath query failed')
      }
    },
  }
}

function compile(text: string, expressions: { readonly get: (text: string) => Expression }): Expression {
  try {
    return expressions.get(text)
  } catch (error) {
    throw prefixed(error, `incorrect query ${text}`)
  }
}

/** The error with Kyverno's words before it; errors that are not ours stay what they are. */
function prefixed(error: unknown, prefix: string): unknown {
  return error instanceof ConditionError
    ? new ConditionError(error.code, error.kind, `${prefix}: ${error.message}`, { cause: error })
    : error
}
