import { any, listOf, object, oneOfTexts, text } from './schema.ts'
import type { Schema } from './schema.ts'

const OPERATORS = [
  'Equals',
  'NotEquals',
  'AnyIn',
  'AllIn',
  'AnyNotIn',
  'AllNotIn',
  'GreaterThanOrEquals',
  'GreaterThan',
  'LessThanOrEquals',
  'LessThan',
  'DurationGreaterThanOrEquals',
  'DurationGreaterThan',
  'DurationLessThanOrEquals',
  'DurationLessThan',
] as const

/** A condition where the CRD describes it. `In` and `NotIn` went with the newer versions. */
function condition(operators: readonly string[]): Schema {
  return object({ key: any, operator: oneOfTexts(...operators), value: any, message: text })
}

function anyAll(item: Schema): Schema {
  return object({ any: listOf(item), all: listOf(item) })
}

/** `{ any, all }` of kyverno.io/v1. */
export const anyAllConditions: Schema = anyAll(condition([...OPERATORS, 'In', 'NotIn']))

/** `{ any, all }` of kyverno.io/v2 and v2beta1. */
export const anyAllConditionsV2: Schema = anyAll(condition(OPERATORS))

/** A condition as Go's JSON decoder takes it: any operator. */
export const goCondition: Schema = object({ key: any, operator: text, value: any, message: text })
export const goConditions: Schema = listOf(goCondition)
export const goAnyAllConditions: Schema = anyAll(goCondition)
