import { isJsonArray, isJsonObject, type Json, type JsonObject } from '@verify-images/primitives'
import type { PolicyException, PolicySpec, Rule } from './model.ts'
import { decodeConditions } from './schema/decode-go.ts'
import { exceptionSpecSchema, ruleSchema, specSchema } from './schema/policy-schema.ts'
import type { Schema } from './schema/schema.ts'

/*
 * Where decoded JSON becomes a type of the model. A test compares schema and types field by field, so what fits the
 * schema has the type.
 */

type ExceptionSpec = Pick<PolicyException, 'match' | 'conditions' | 'exceptions'> & { readonly background?: boolean }

export function isRule(value: Json): value is JsonObject & Rule {
  return fits(value, ruleSchema)
}

/** The schemas of both versions of the API have fields of the same types. */
export function isSpec(value: Json): value is JsonObject & PolicySpec {
  return fits(value, specSchema)
}

export function isExceptionSpec(value: Json): value is JsonObject & ExceptionSpec {
  return fits(value, exceptionSpecSchema)
}

/** Returns whether every value has the type of its field. Formats, required fields and limits are checked elsewhere. */
function fits(value: Json, schema: Schema): boolean {
  switch (schema.kind) {
    case 'any':
      return true
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
      return Number.isInteger(value)
    case 'conditions':
      return decodeConditions(value) !== undefined
    case 'array':
      return isJsonArray(value) && value.every((item) => fits(item, schema.items))
    case 'map':
      return isJsonObject(value) && Object.values(value).every((item) => fits(item, schema.values))
    case 'object':
      return (
        isJsonObject(value) &&
        Object.entries(value).every(([key, item]) => {
          const field = Object.hasOwn(schema.fields, key) ? schema.fields[key] : undefined
          return field !== undefined && fits(item, field)
        })
      )
  }
}
