export { evaluateAttestationConditions } from './conditions/attestation-conditions.ts'
export type { ConditionDifference, ConditionResult, DecisiveCondition } from './conditions/condition-result.ts'
export {
  compileConditions,
  compileConditionSets,
  evaluateConditions,
  evaluateConditionSets,
  type CompiledConditions,
  type ConditionOptions,
} from './conditions/evaluate-conditions.ts'
export { ConditionError, type ConditionErrorCode, type ConditionErrorKind } from './condition-error.ts'
export type { EngineOptions, ExpressionBudget } from './expression/engine-options.ts'
export { checkExpression } from './expression/check-expression.ts'
export { createExpressionCache, type ExpressionCache } from './expression/expression-cache.ts'
export { compileExpression, search, type Expression } from './expression/search.ts'
export {
  evaluateOperator,
  type ConditionPurpose,
  type ConditionCompatibility,
  type OperatorOptions,
} from './operators/evaluate-operator.ts'
export { createQueryContext, type QueryContext } from './query-context.ts'
export { substitute } from './substitution/substitute.ts'
export type { SubstitutionOptions } from './substitution/substitution-run.ts'
export type { Json, JsonObject } from '@verify-images/primitives'
