import { isObject } from '@verify-images/primitives'
import { VerifierError } from '../verifier-error.ts'

/**
 * Copies fields of a request. A value of another type is an error, since a rule would silently not match the object.
 */

export function stringField(value: unknown, what: string): string {
  if (value === undefined) return ''
  if (typeof value !== 'string') throw wrong(what, 'a string')
  return value
}

export function objectField(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (value === undefined) return {}
  if (!isObject(value)) throw wrong(what, 'an object')
  return value
}

export function stringsField(value: unknown, what: string): readonly string[] {
  if (value === undefined) return []
  if (!isArray(value)) throw wrong(what, 'an array of strings')
  return value.map((item, i) => stringField(item ?? null, `${what}[${String(i)}]`))
}

/** Returns an object of strings; undefined for null, as which Go encodes an absent map. */
export function stringMapField(value: unknown, what: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw wrong(what, 'an object of strings')
  return Object.fromEntries(
    Object.entries(value).map(([key, text]) => [key, stringField(text ?? null, `${what}.${key.slice(0, 80)}`)]),
  )
}

export function stringArraysField(
  value: unknown,
  what: string,
): Readonly<Record<string, readonly string[]>> | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw wrong(what, 'an object of arrays')
  return Object.fromEntries(
    Object.entries(value).map(([key, texts]) => [key, stringsField(texts ?? null, `${what}.${key.slice(0, 80)}`)]),
  )
}

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

export function wrong(what: string, expected: string): VerifierError {
  return new VerifierError('VERIFIER_RESOURCE_INVALID', `${what}: expected ${expected}`)
}
