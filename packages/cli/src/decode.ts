import { readDocuments, type Json, type JsonObject } from '@verify-images/core'
import { isJsonArray, isJsonObject, ownMember } from '@verify-images/primitives'
import { InputError } from './cli-error.ts'

/** Reads a text with one document of one of these kinds. Old files of Kyverno's command line have no kind. */
export function singleDocument(text: string, name: string, kinds: readonly string[]): JsonObject {
  const [document, ...rest] = readDocuments(text, { source: name })
  const value = document?.value
  const kind = ownMember(value, 'kind')
  const isKnown = kind === undefined || kinds.some((each) => each === kind)
  if (!isJsonObject(value) || !isKnown || rest.length > 0)
    throw invalid(name, `expected one document of kind ${kinds[0] ?? ''} (cli.kyverno.io/v1alpha1)`)
  return value
}

/** Rejects unknown fields: a misspelt one would silently have no effect. */
export function checkMembers(object: JsonObject, known: readonly string[], where: string): void {
  const other = Object.keys(object).find((member) => !known.includes(member))
  if (other !== undefined) throw invalid(where, `unsupported field \`${other}\`: expected one of ${known.join(', ')}`)
}

export function listOf(value: Json, where: string): readonly JsonObject[] {
  if (!isJsonArray(value)) throw invalid(where, 'expected an array')
  return value.map((each, i) => {
    if (!isJsonObject(each)) throw invalid(`${where}[${String(i)}]`, 'expected an object')
    return each
  })
}

export function stringsOf(value: Json, where: string): readonly string[] {
  if (!isJsonArray(value)) throw invalid(where, 'expected an array of strings')
  return value.map((each) => {
    if (typeof each !== 'string') throw invalid(where, 'expected an array of strings')
    return each
  })
}

export function stringOf(object: JsonObject, member: string, where: string): string {
  const value = ownMember(object, member)
  if (typeof value !== 'string' || value === '') throw invalid(where, `${member}: expected a string`)
  return value
}

export function invalid(where: string, message: string): InputError {
  return new InputError(`${where}: VERIFIER_RESOURCE_INVALID: ${message}`)
}
