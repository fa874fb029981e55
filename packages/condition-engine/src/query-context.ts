import type { Json, JsonObject } from '@verify-images/primitives'
import { checkOptions } from './check-arguments.ts'
import { ConditionError } from './condition-error.ts'
import { ENGINE_OPTIONS, type EngineOptions } from './expression/engine-options.ts'
import { createExpressionCache } from './expression/expression-cache.ts'
import { searchMetered } from './expression/search.ts'
import type { Expression } from './expression/search.ts'
import { WorkMeter } from './expression/work-meter.ts'
import { LIMITS } from './limits.ts'

/** Evaluates the expressions of variables and conditions. An implementation may load its data lazily. */
export interface QueryContext {
  /**
   * Evaluates an expression.
   *
   * @throws ConditionError CONDITION_VARIABLE_UNRESOLVED (kind `not-found`) if a key is missing; the codes of `search`.
   *   Other errors propagate unchanged.
   */
  query(expression: string): Json
}

const SPACE = /^[\s\u0085]+|(?<![\s\u0085])[\s\u0085]+$/g

/**
 * Creates a context over data in memory.
 *
 * Messages are those of Kyverno's query layer. All queries of a context share one budget, so that many small
 * expressions cannot exceed the limit of a large one.
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

/** Prefixes our errors with Kyverno's message. Other errors are returned unchanged. */
function prefixed(error: unknown, prefix: string): unknown {
  return error instanceof ConditionError
    ? new ConditionError(error.code, error.kind, `${prefix}: ${error.message}`, { cause: error })
    : error
}
