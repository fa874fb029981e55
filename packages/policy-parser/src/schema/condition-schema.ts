import { any, arrayOf, object, enumOf, string } from './schema.ts'
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

/** Returns the schema of a condition in the CRD. The newer versions have no `In` and `NotIn`. */
function condition(operators: readonly string[]): Schema {
  return object({ key: any, operator: enumOf(...operators), value: any, message: string })
}

function anyAll(item: Schema): Schema {
  return object({ any: arrayOf(item), all: arrayOf(item) })
}

/** `{ any, all }` of kyverno.io/v1. */
export const anyAllConditions: Schema = anyAll(condition([...OPERATORS, 'In', 'NotIn']))

/** `{ any, all }` of kyverno.io/v2 and v2beta1. */
export const anyAllConditionsV2: Schema = anyAll(condition(OPERATORS))

/** A condition as Go's JSON decoder takes it: any operator. */
export const goCondition: Schema = object({ key: any, operator: string, value: any, message: string })
export const goConditions: Schema = arrayOf(goCondition)
export const goAnyAllConditions: Schema = anyAll(goCondition)
