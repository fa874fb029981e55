import { isJsonObject, type Json, type JsonObject } from '@verify-images/primitives'
import { isRule } from './checked-model.ts'
import type { Rule } from './model.ts'
import { PolicyError } from './policy-error.ts'
import { GoDecodeError, decodeGo } from './schema/decode-go.ts'
import { omitEmpty } from './schema/omit-empty.ts'
import { ruleSchema } from './schema/policy-schema.ts'

/** Encodes a rule as Go writes it in JSON, without empty fields; {@link decodeRule} reads it again. */
export function encodeRule(rule: Rule): JsonObject {
  const written = omitEmpty(toJson(rule), ruleSchema)
  return isJsonObject(written) ? written : {}
}

/**
 * Decodes a rule from JSON as Go does, after its variables have been substituted.
 *
 * Defaults come from the API server, which does not see the substituted rule: an absent `mutateDigest` is false here.
 *
 * @throws PolicyError POLICY_FIELD_INVALID when a value has a type that its field cannot hold
 */
export function decodeRule(value: Json): Rule {
  try {
    const decoded = decodeGo(value, ruleSchema)
    const rule = isJsonObject(decoded) ? { name: '', match: {}, ...decoded } : null
    if (isRule(rule)) return rule
    throw new GoDecodeError([], 'expected an object')
  } catch (error) {
    if (!(error instanceof GoDecodeError)) throw error
    throw new PolicyError([{ code: 'POLICY_FIELD_INVALID', path: error.path, message: error.message }])
  }
}

/** Returns a copy of a rule as plain JSON. */
export function toJson(rule: Rule): JsonObject {
  const value: Json = JSON.parse(JSON.stringify(rule))
  return isJsonObject(value) ? value : {}
}
