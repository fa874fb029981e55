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

/** The sort of fault, finer than the code and the same over all codes. `value` is bad input of the right type. */
export type ConditionErrorKind = 'syntax' | 'not-found' | 'unknown-function' | 'arity' | 'type' | 'value' | 'limit'

/**
 * Why an expression, a variable or a condition could not be evaluated. "The condition does not hold" is a value, not
 * this error.
 *
 * `message` is Kyverno's text where Kyverno fails, too. Decide upon `code` and `kind`, never upon the text.
 */
export class ConditionError extends Error {
  override readonly name = 'ConditionError'
  readonly code: ConditionErrorCode
  readonly kind: ConditionErrorKind
  /** Where Kyverno goes on: it evaluates what is escaped, or has what asks for nothing hold. */
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
