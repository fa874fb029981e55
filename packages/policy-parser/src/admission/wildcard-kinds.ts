import { isJsonArray, isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf, textOf, valueAt } from '../json-value.ts'
import { hasMutate, hasValidate } from '../rule-type.ts'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../place.ts'

const METADATA_VARIABLE = /\{\{\s*(?:request\.|serviceAccountName|serviceAccountNamespace)[^{}]*\}\}/

/** A rule for every kind may only look at metadata. */
export function checkWildcardRule(rule: JsonObject, path: readonly PathKey[], report: Report): void {
  const validate = ownMember(rule, 'validate')
  if (isJsonArray(ownMember(validate, 'foreach')))
    report('POLICY_FIELD_CONFLICT', path, '`*` is not supported by rules of this type')
  const patterned = (ownMember(validate, 'pattern') ?? ownMember(validate, 'anyPattern') ?? null) !== null
  const mustBeMetadata = (hasValidate(rule) && patterned) || hasMutate(rule)
  if ((mustBeMetadata && !isMetadataOnly(rule)) || !conditionsAreMetadata(validate)) {
    report('POLICY_FIELD_CONFLICT', path, 'a rule for `*` can only deal with the metadata of resources')
  }
}

function isMetadataOnly(rule: JsonObject): boolean {
  const merge = valueAt(rule, 'mutate', 'patchStrategicMerge')
  const patterns = [merge, valueAt(rule, 'validate', 'pattern'), ...itemsOf(valueAt(rule, 'validate', 'anyPattern'))]
  return patterns.every((pattern) => !isJsonObject(pattern) || Object.keys(pattern).every((key) => key === 'metadata'))
}

/** Only the old list form is looked at. */
function conditionsAreMetadata(validate: Json | undefined): boolean {
  return itemsOf(valueAt(validate, 'deny', 'conditions')).every((condition) => {
    const key = textOf(condition, 'key')
    return (
      key.includes('request.object.metadata.') || (METADATA_VARIABLE.test(key) && !key.includes('request.object.spec'))
    )
  })
}
