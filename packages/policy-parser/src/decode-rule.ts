import { isJsonObject, type Json, type JsonObject } from '@verify-images/primitives'
import { asRule } from './checked-model.ts'
import type { Rule } from './model.ts'
import { PolicyError } from './policy-error.ts'
import { GoDecodeError, decodeGo } from './schema/decode-go.ts'
import { omitEmpty } from './schema/omit-empty.ts'
import { ruleSchema } from './schema/policy-schema.ts'

/** A rule as Go writes it in JSON, where what is empty is lost: {@link decodeRule} reads it again. */
export function encodeRule(rule: Rule): JsonObject {
  const written = omitEmpty(rule as unknown as JsonObject, ruleSchema)
  return isJsonObject(written) ? written : {}
}

/**
 * A rule from its JSON, as Go decodes one: for a rule whose variables were replaced.
 *
 * No API server is asked, so no defaults are filled in: `mutateDigest` and its like are false where they are absent.
 *
 * @throws PolicyError POLICY_FIELD_INVALID when a value has a type that its field cannot hold
 */
export function decodeRule(value: Json): Rule {
  try {
    const decoded = decodeGo(value, ruleSchema)
    if (isJsonObject(decoded)) return asRule({ name: '', match: {}, ...decoded })
    throw new GoDecodeError([], 'must be a mapping')
  } catch (error) {
    if (!(error instanceof GoDecodeError)) throw error
    throw new PolicyError([{ code: 'POLICY_FIELD_INVALID', path: error.path, message: error.message }])
  }
}
