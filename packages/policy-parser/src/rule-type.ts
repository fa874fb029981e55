import { isJsonArray, isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf } from './json-value.ts'

/*
 * Tells the kinds of rule apart. Kyverno tests whether a field differs from the zero value of its Go struct: a field
 * behind a pointer differs with any value but null, a struct with any field that differs.
 */

const STRUCTS: ReadonlySet<string> = new Set(['resources', 'clone', 'cloneList', 'dryRun', 'verifyImages.validate'])

/** Fields of any JSON behind a pointer: `false` and empty values count as set. */
const ANY_JSON: ReadonlySet<string> = new Set(['data', 'patchStrategicMerge', 'pattern', 'anyPattern'])

/** Returns whether a Go struct decoded from this JSON is its zero value. An empty array or map is not: it is set. */
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
  // Behind a pointer, `false` differs from an absent value.
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

/**
 * Returns whether some entry has conditions on several attestations. Then Kyverno expects `validate.deny` in every
 * entry.
 */
export function hasImageValidation(rule: JsonObject): boolean {
  return (
    hasVerifyImages(rule) &&
    itemsOf(ownMember(rule, 'verifyImages')).some((entry) => !isZeroStruct(ownMember(entry, 'validate')))
  )
}

export function hasMutateExisting(rule: JsonObject): boolean {
  return isJsonArray(ownMember(ownMember(rule, 'mutate'), 'targets'))
}
