import { isJsonList, isJsonObject, itemsOf, ownValue } from './json-value.ts'
import type { Json, JsonObject } from './model.ts'

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
  const mutate = ownValue(rule, 'mutate')
  // Behind a pointer, a false that was given differs from none.
  return !isZeroStruct(mutate) || typeof ownValue(mutate, 'mutateExistingOnPolicyUpdate') === 'boolean'
}

export function hasValidate(rule: JsonObject): boolean {
  const validate = ownValue(rule, 'validate')
  return !isZeroStruct(validate) || typeof ownValue(validate, 'allowExistingViolations') === 'boolean'
}

export function hasGenerate(rule: JsonObject): boolean {
  const generate = ownValue(rule, 'generate')
  return !isZeroStruct(generate) || typeof ownValue(generate, 'generateExisting') === 'boolean'
}

const ENTRY_STRUCTS: ReadonlySet<string> = new Set(['validate'])

export function hasVerifyImages(rule: JsonObject): boolean {
  return itemsOf(ownValue(rule, 'verifyImages')).some((entry) => !isZeroStruct(entry, ENTRY_STRUCTS))
}

/** Whether some entry has conditions on several attestations. Then upstream expects `validate.deny` in every entry. */
export function hasImageValidation(rule: JsonObject): boolean {
  return (
    hasVerifyImages(rule) &&
    itemsOf(ownValue(rule, 'verifyImages')).some((entry) => !isZeroStruct(ownValue(entry, 'validate')))
  )
}

export function hasMutateExisting(rule: JsonObject): boolean {
  return isJsonList(ownValue(ownValue(rule, 'mutate'), 'targets'))
}
