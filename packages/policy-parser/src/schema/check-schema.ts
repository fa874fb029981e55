import { isJsonArray, isJsonObject, type Json, type JsonObject, setKey } from '@verify-images/primitives'
import type { MutableJsonObject } from '../json-value.ts'
import { shown } from '../policy-error.ts'
import type { PolicyErrorCode } from '../policy-error.ts'
import type { PathKey } from '../place.ts'
import { decodeConditions } from './decode-go.ts'
import type { ObjectSchema, Schema } from './schema.ts'

export type Report = (code: PolicyErrorCode, path: readonly PathKey[], message: string) => void

/**
 * Returns the value as the API server stores it: checked against the schema, with defaults, without null fields.
 *
 * Reports every problem; the result is valid only if there was none.
 */
export function checkSchema(value: Json, schema: Schema, path: readonly PathKey[], report: Report): Json {
  switch (schema.kind) {
    case 'any':
      return value
    case 'string':
      return checkText(value, schema, path, report)
    case 'boolean':
      return typeof value === 'boolean' ? value : wrongType('a boolean', value, path, report)
    case 'integer':
      return checkInteger(value, schema, path, report)
    case 'conditions':
      return checkConditions(value, path, report)
    case 'array':
      return isJsonArray(value)
        ? value.map((item, i) => checkSchema(item, schema.items, [...path, i], report))
        : wrongType('an array', value, path, report)
    case 'map':
      return isJsonObject(value)
        ? checkMap(value, schema.values, path, report)
        : wrongType('an object', value, path, report)
    case 'object':
      return isJsonObject(value)
        ? checkObject(value, schema, path, report)
        : wrongType('an object', value, path, report)
  }
}

function wrongType(expected: string, value: Json, path: readonly PathKey[], report: Report): Json {
  report('POLICY_FIELD_INVALID', path, `expected ${expected}, got ${typeOf(value)}`)
  return value
}

/** Returns the type of a value; of a scalar also the value, shortened. */
function typeOf(value: Json): string {
  if (value === null) return 'null'
  if (isJsonArray(value)) return 'an array'
  if (isJsonObject(value)) return 'an object'
  return typeof value === 'string' ? `the string ${shown(value)}` : shown(value)
}

function checkText(
  value: Json,
  { values, maxLength }: Extract<Schema, { kind: 'string' }>,
  path: readonly PathKey[],
  report: Report,
): Json {
  if (typeof value !== 'string') return wrongType('a string', value, path, report)
  if (values !== undefined && !values.includes(value))
    report('POLICY_FIELD_INVALID', path, `expected one of ${values.join(', ')}, got ${shown(value)}`)
  if (maxLength !== undefined && [...value].length > maxLength)
    report('POLICY_FIELD_INVALID', path, `expected at most ${maxLength} characters, got ${[...value].length}`)
  return value
}

function checkInteger(
  value: Json,
  { minimum, bits }: Extract<Schema, { kind: 'integer' }>,
  path: readonly PathKey[],
  report: Report,
): Json {
  if (typeof value !== 'number' || !Number.isInteger(value)) return wrongType('an integer', value, path, report)
  if (minimum !== undefined && value < minimum)
    report('POLICY_COUNT_OUT_OF_RANGE', path, `expected at least ${minimum}, got ${value}`)
  if (bits === 32 && (value < -0x8000_0000 || value > 0x7fff_ffff))
    report('POLICY_COUNT_OUT_OF_RANGE', path, `expected an integer of 32 bits, got ${value}`)
  return value
}

function checkConditions(value: Json, path: readonly PathKey[], report: Report): Json {
  const decoded = decodeConditions(value)
  if (decoded !== undefined) return decoded
  report('POLICY_FIELD_INVALID', path, 'expected an array of conditions or an object with `any` and `all`')
  return value
}

function checkMap(value: JsonObject, values: Schema, path: readonly PathKey[], report: Report): Json {
  const checked: MutableJsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    if (item !== null) setKey(checked, key, checkSchema(item, values, [...path, key], report))
  }
  return checked
}

function checkObject(value: JsonObject, schema: ObjectSchema, path: readonly PathKey[], report: Report): Json {
  const checked: MutableJsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    const field = Object.hasOwn(schema.fields, key) ? schema.fields[key] : undefined
    if (field === undefined)
      report('POLICY_FIELD_UNKNOWN', [...path, key], `unknown field ${shown(key)}${similar(key, schema)}`)
    else if (item !== null) setKey(checked, key, checkSchema(item, field, [...path, key], report))
  }
  for (const [key, field] of Object.entries(schema.fields)) {
    if (!Object.hasOwn(checked, key) && 'default' in field && field.default !== undefined) checked[key] = field.default
  }
  for (const key of schema.required) {
    if (!Object.hasOwn(checked, key)) report('POLICY_FIELD_MISSING', [...path, key], 'is required')
  }
  checkCombinations(checked, schema, path, report)
  return checked
}

function checkCombinations(
  value: JsonObject,
  { notBoth, oneOf }: ObjectSchema,
  path: readonly PathKey[],
  report: Report,
): void {
  if (notBoth?.every((key) => Object.hasOwn(value, key)) === true)
    report('POLICY_FIELD_CONFLICT', path, `\`${notBoth.join('` and `')}\` cannot be set together`)
  const found = oneOf?.filter((key) => Object.hasOwn(value, key)).length
  if (oneOf !== undefined && found !== 1) {
    report(
      found === 0 ? 'POLICY_FIELD_MISSING' : 'POLICY_FIELD_CONFLICT',
      path,
      `expected exactly one of ${oneOf.join(', ')}, got ${found}`,
    )
  }
}

/** Returns a hint for the most common mistake: a name in the wrong case. */
function similar(key: string, { fields }: ObjectSchema): string {
  const meant = Object.keys(fields).find((name) => name.toLowerCase() === key.toLowerCase())
  return meant === undefined ? '' : `; did you mean \`${meant}\`?`
}
