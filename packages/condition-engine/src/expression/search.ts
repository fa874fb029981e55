import type { Json } from '@verify-images/primitives'
import { checkOptions } from '../check-arguments.ts'
import { ConditionError } from '../condition-error.ts'
import { parseChecked } from './check-expression.ts'
import { compileNode } from './compile-node.ts'
import { ENGINE_OPTIONS, type EngineOptions } from './engine-options.ts'
import { Evaluation } from './evaluation.ts'
import { chargeWhole, toJson } from './to-json.ts'
import { isJson, NotFound } from './value.ts'
import type { Evaluate } from './value.ts'
import { WorkMeter } from './work-meter.ts'

/** A compiled expression. It is stateless and reusable. */
export interface Expression {
  readonly text: string
  /** For {@link search}. Its result may not be JSON. */
  readonly evaluate: Evaluate
}

/**
 * Compiles an expression of Kyverno's JMESPath dialect. Unknown functions fail only when they are called.
 *
 * @throws ConditionError CONDITION_EXPRESSION_INVALID; CONDITION_LIMIT_EXCEEDED for one that is too long or too deep
 * @see https://jmespath.org/specification.html, and the README for what differs
 */
export function compileExpression(text: string): Expression {
  return { text, evaluate: compileNode(parseChecked(text)).evaluate }
}

/**
 * Evaluates an expression on `data`.
 *
 * A missing key is an error in most positions, not null; `a.b || 'x'` and `a.b | @` avoid it.
 * The result may share structure with `data`. Numbers may be `NaN` or infinite.
 *
 * @throws ConditionError CONDITION_EXPRESSION_INVALID; CONDITION_VARIABLE_UNRESOLVED (kind `not-found`);
 *   CONDITION_EVALUATION_FAILED (kinds `unknown-function`, `arity`, `type`, `value`); CONDITION_LIMIT_EXCEEDED;
 *   CONDITION_OPTIONS_INVALID
 */
export function search(expression: Expression | string, data: Json, options: EngineOptions = {}): Json {
  checkOptions(options, ENGINE_OPTIONS)
  const compiled = isExpression(expression)
    ? expression
    : (options.expressions?.get(expression) ?? compileExpression(expression))
  return searchMetered(compiled, data, options, new WorkMeter(options.budget))
}

/** {@link search} with the caller's meter. */
export function searchMetered(compiled: Expression, data: Json, options: EngineOptions, meter: WorkMeter): Json {
  const evaluation = new Evaluation(meter, options)
  const result = compiled.evaluate(data, evaluation)
  if (result instanceof NotFound)
    throw new ConditionError('CONDITION_VARIABLE_UNRESOLVED', 'not-found', `Unknown key "${result.key}" in path`)
  if (evaluation.madeOpaque || !isJson(result)) return toJson(result, meter)
  if (evaluation.built) chargeWhole(result, meter)
  return result
}

function isExpression(expression: Expression | string): expression is Expression {
  return typeof expression === 'object' && expression !== null && typeof expression.evaluate === 'function'
}
