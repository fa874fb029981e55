import { ConditionError } from '../condition-error.ts'

/** Creates the error for an invalid expression, with the message of the original's lexer or parser. */
export function syntaxError(message: string): ConditionError {
  return new ConditionError('CONDITION_EXPRESSION_INVALID', 'syntax', message)
}

/** Creates the error for an expression that exceeds a limit. */
export function expressionTooLarge(what: string): ConditionError {
  return new ConditionError('CONDITION_LIMIT_EXCEEDED', 'limit', `the expression ${what}`)
}
