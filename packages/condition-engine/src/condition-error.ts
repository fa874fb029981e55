export type ConditionErrorCode =
  | 'CONDITION_EXPRESSION_INVALID'
  | 'CONDITION_EVALUATION_FAILED'
  | 'CONDITION_INVALID'
  | 'CONDITION_LIMIT_EXCEEDED'
  | 'CONDITION_OPERATOR_UNKNOWN'
  | 'CONDITION_OPTIONS_INVALID'
  | 'CONDITION_REFERENCE_UNRESOLVED'
  | 'CONDITION_VARIABLE_UNRESOLVED'
  | 'CONDITION_VALUE_INVALID'

/** The kind of error, finer than the code and shared by all codes. `value` is bad input of the right type. */
export type ConditionErrorKind = 'syntax' | 'not-found' | 'unknown-function' | 'arity' | 'type' | 'value' | 'limit'

/**
 * Thrown when an expression, a variable or a condition cannot be evaluated. A condition that does not hold is a value,
 * not this error.
 *
 * `message` is Kyverno's text if Kyverno fails, too. Compare `code` and `kind`, never the message.
 */
export class ConditionError extends Error {
  override readonly name = 'ConditionError'
  readonly code: ConditionErrorCode
  readonly kind: ConditionErrorKind
  /** Set if Kyverno does not fail here: it evaluates escaped variables, or lets empty conditions hold. */
  readonly difference: 'escape' | 'empty' | undefined

  constructor(
    code: ConditionErrorCode,
    kind: ConditionErrorKind,
    message: string,
    options: { readonly cause?: unknown; readonly difference?: 'escape' | 'empty' } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.kind = kind
    this.difference = options.difference
  }
}

/** Creates the error for an invalid expression, with the message of the original's lexer or parser. */
export function syntaxError(message: string): ConditionError {
  return new ConditionError('CONDITION_EXPRESSION_INVALID', 'syntax', message)
}

/** Creates the error for an expression that exceeds a limit. */
export function expressionTooLarge(expected: string): ConditionError {
  return new ConditionError('CONDITION_LIMIT_EXCEEDED', 'limit', `expression: expected ${expected}`)
}
