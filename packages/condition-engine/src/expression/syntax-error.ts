import { ConditionError } from '../condition-error.ts'

/** The error of an expression that is not JMESPath. `message` is what the original's lexer or parser would say. */
export function syntaxError(message: string): ConditionError {
  return new ConditionError('CONDITION_EXPRESSION_INVALID', 'syntax', message)
}

/** An expression that is larger than this package is willing to compile. */
export function expressionTooLarge(what: string): ConditionError {
  return new ConditionError('CONDITION_LIMIT_EXCEEDED', 'limit', `the expression ${what}`)
}
