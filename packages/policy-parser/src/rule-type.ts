import { isJsonArray, isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf } from './json-value.ts'

/**
 * Which kinds of rule a rule is. Upstream asks whether a field differs from the zero value of its Go struct: for a
 * field behind a pointer that is any value but null, for a struct it is any field of it that differs.
 */

const STRUCTS: ReadonlySet<string> = new Set(['resources', 'clone', 'cloneList', 'dryRun', 'verifyImages.validate'])

/** Fields that hold any JSON, behind a pointer: one that is `false` or empty was given, too. */
const ANY_JSON: ReadonlySet<string> = new Set(['data', 'patchStrategicMerge', 'pattern', 'anyPattern'])

/** Whether a Go struct read from this JSON is its zero value. An empty list or map is not: it was given. */
export function isZeroStruct(value: Json | undefined, structs: ReadonlySet<string> = STRUCTS): boolean {
  if (!isJsonObject(value)) return true
  return Object.entries(value).every(([key, item]) => {
    if (item === null) return true
    if (item === '' || item === false || item === 0) return !ANY_JSON.has(key)
    return structs.has(key) && isZeroStruct(item, structs)
  })
}

export function hasMutate(rule: JsonObject): boolean {
  const mutate = ownMember(rule, 'mutate')
  // Behind a pointer, a false that was given differs from none.
  return !isZeroStruct(mutate) || typeof ownMember(mutate, 'mutateExistingOnPolicyUpdate') === 'boolean'
}

export function hasValidate(rule: JsonObject): boolean {
  const validate = ownMember(rule, 'validate')
  return !isZeroStruct(validate) || typeof ownMember(validate, 'allowExistingViolations') === 'boolean'
}

export function hasGenerate(rule: JsonObject): boolean {
  const generate = ownMember(rule, 'generate')
  return !isZeroStruct(generate) || typeof ownMember(generate, 'generateExisting') === 'boolean'
}

const ENTRY_STRUCTS: ReadonlySet<string> = new Set(['validate'])

export function hasVerifyImages(rule: JsonObject): boolean {
  return itemsOf(ownMember(rule, 'verifyImages')).some((entry) => !isZeroStruct(entry, ENTRY_STRUCTS))
}

/** Whether some entry has conditions on several attestations. Then upstream expects `validate.deny` in every entry. */
export function hasImageValidation(rule: JsonObject): boolean {
  return (
    hasVerifyImages(rule) &&
    itemsOf(ownMember(rule, 'verifyImages')).some((entry) => !isZeroStruct(ownMember(entry, 'validate')))
  )
}

export function hasMutateExisting(rule: JsonObject): boolean {
  return isJsonArray(ownMember(ownMember(rule, 'mutate'), 'targets'))
}
