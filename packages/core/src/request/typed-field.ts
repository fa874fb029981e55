import { isObject } from '@verify-images/primitives'
import { VerifierError } from '../verifier-error.ts'

/** Copies of what came with the resource. A value of another type would make a rule pass over the object without a word. */

export function textField(value: unknown, what: string): string {
  if (value === undefined) return ''
  if (typeof value !== 'string') throw wrong(what, 'a text')
  return value
}

export function objectField(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (value === undefined) return {}
  if (!isObject(value)) throw wrong(what, 'an object')
  return value
}

export function textsField(value: unknown, what: string): readonly string[] {
  if (value === undefined) return []
  if (!isList(value)) throw wrong(what, 'a list of texts')
  return value.map((item, i) => textField(item ?? null, `${what}[${String(i)}]`))
}

/** Null is what Go writes for a map that is not there. */
export function textMapField(value: unknown, what: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw wrong(what, 'an object of texts')
  return Object.fromEntries(
    Object.entries(value).map(([key, text]) => [key, textField(text ?? null, `${what}.${key.slice(0, 80)}`)]),
  )
}

export function textListsField(value: unknown, what: string): Readonly<Record<string, readonly string[]>> | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw wrong(what, 'an object of lists')
  return Object.fromEntries(
    Object.entries(value).map(([key, texts]) => [key, textsField(texts ?? null, `${what}.${key.slice(0, 80)}`)]),
  )
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

export function wrong(what: string, expected: string): VerifierError {
  return new VerifierError('VERIFIER_RESOURCE_INVALID', `${what} is not ${expected}`)
}
