export { evaluateAttestationConditions } from './conditions/attestation-conditions.ts'
export type { ConditionResult } from './conditions/condition-result.ts'
export {
  compileConditions,
  compileConditionSets,
  evaluateConditions,
  evaluateConditionSets,
  type CompiledConditions,
  type ConditionOptions,
} from './conditions/evaluate-conditions.ts'
export { ConditionError, type ConditionErrorCode, type ConditionErrorKind } from './condition-error.ts'
export { evaluateOperator, type ConditionPurpose, type ConditionReading, type OperatorOptions } from './operators/evaluate-operator.ts'
export { substitute } from './substitution/substitute.ts'
export type { SubstitutionOptions } from './substitution/substitution-run.ts'
export type { Json, JsonObject } from './values/json.ts'
