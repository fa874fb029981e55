import type { ConditionError, ConditionErrorKind } from '../condition-error.ts'
import { evaluationError } from '../expression/evaluation.ts'

/** An error of one of Kyverno's functions, with the prefix they share. */
export function functionError(name: string, kind: ConditionErrorKind, message: string): ConditionError {
  return evaluationError(kind, `JMESPath function '${name}': ${message}`)
}
