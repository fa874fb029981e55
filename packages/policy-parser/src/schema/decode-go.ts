import { isJsonArray, isJsonObject, type Json, type JsonObject, setKey } from '@verify-images/primitives'
import type { MutableJsonObject } from '../json-value.ts'
import { formatPath } from '../place.ts'
import type { PathKey } from '../place.ts'
import { goAnyAllConditions, goConditions } from './condition-schema.ts'
import type { ObjectSchema, Schema } from './schema.ts'

/** Thrown when Go's JSON decoder would reject a value for a type. */
export class GoDecodeError extends Error {
  override readonly name = 'GoDecodeError'
  readonly path: string

  constructor(path: readonly PathKey[], message: string) {
    super(message)
    this.path = formatPath(path)
  }
}

/**
 * Decodes a value as Go's JSON decoder does into the type behind a schema: field names in any case, unknown fields and
 * nulls dropped, no defaults, no checks beyond the types.
 *
 * @throws GoDecodeError
 */
export function decodeGo(value: Json, schema: Schema, path: readonly PathKey[] = []): Json {
  switch (schema.kind) {
    case 'any':
      return value
    case 'string':
      return expect(typeof value === 'string', value, 'a string', path)
    case 'boolean':
      return expect(typeof value === 'boolean', value, 'a boolean', path)
    case 'integer':
      return expect(Number.isInteger(value), value, 'an integer', path)
    case 'conditions':
      return expectConditions(value, path)
    case 'array':
      if (!isJsonArray(value)) throw new GoDecodeError(path, 'expected an array')
      return value.map((item, i) => decodeGo(item ?? zeroOf(schema.items), schema.items, [...path, i]))
    case 'map':
      if (!isJsonObject(value)) throw new GoDecodeError(path, 'expected an object')
      return decodeMap(value, schema.values, path)
    case 'object':
      if (!isJsonObject(value)) throw new GoDecodeError(path, 'expected an object')
      return decodeObject(value, schema, path)
  }
}

/** Decodes `preconditions` or `deny.conditions`, field names normalized; undefined if Go accepts neither form. */
export function decodeConditions(value: Json): Json | undefined {
  for (const schema of [goConditions, goAnyAllConditions]) {
    try {
      return decodeGo(value, schema)
    } catch (error) {
      if (!(error instanceof GoDecodeError)) throw error
    }
  }
  return undefined
}

function expect(fits: boolean, value: Json, expected: string, path: readonly PathKey[]): Json {
  if (!fits) throw new GoDecodeError(path, `expected ${expected}`)
  return value
}

function expectConditions(value: Json, path: readonly PathKey[]): Json {
  const decoded = decodeConditions(value)
  if (decoded === undefined)
    throw new GoDecodeError(path, 'expected an array of conditions or an object with `any` and `all`')
  return decoded
}

function decodeMap(value: JsonObject, values: Schema, path: readonly PathKey[]): Json {
  const decoded: MutableJsonObject = {}
  for (const [key, item] of Object.entries(value))
    setKey(decoded, key, decodeGo(item ?? zeroOf(values), values, [...path, key]))
  return decoded
}

function decodeObject(value: JsonObject, { fields }: ObjectSchema, path: readonly PathKey[]): Json {
  const decoded: MutableJsonObject = {}
  const byLowerCase = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]))
  for (const [key, item] of Object.entries(value)) {
    const name = Object.hasOwn(fields, key) ? key : byLowerCase.get(key.toLowerCase())
    const field = name === undefined ? undefined : fields[name]
    if (name === undefined || field === undefined || item === null) continue
    decoded[name] = decodeGo(item, field, [...path, key])
  }
  for (const [name, field] of Object.entries(fields)) {
    if (field.kind === 'boolean' && field.zero !== undefined && !Object.hasOwn(decoded, name))
      decoded[name] = field.zero
  }
  return decoded
}

/** Returns the zero value that Go stores for a null in an array or map. */
function zeroOf(schema: Schema): Json {
  switch (schema.kind) {
    case 'string':
      return ''
    case 'boolean':
      return false
    case 'integer':
      return 0
    case 'array':
      return []
    case 'map':
    case 'object':
      return {}
    case 'any':
    case 'conditions':
      return null
  }
}
