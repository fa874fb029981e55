export { ConditionError, type ConditionErrorCode, type ConditionErrorKind } from './condition-error.ts'
export { evaluateOperator, type ConditionPurpose, type ConditionReading, type OperatorOptions } from './operators/evaluate-operator.ts'
export type { Json, JsonObject } from './values/json.ts'
