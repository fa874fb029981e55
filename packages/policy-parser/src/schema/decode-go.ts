import { isJsonArray, isJsonObject, type Json, type JsonObject, setKey } from '@verify-images/primitives'
import type { MutableJsonObject } from '../json-value.ts'
import { formatPath } from '../place.ts'
import type { PathKey } from '../place.ts'
import { goAnyAllConditions, goConditions } from './condition-schema.ts'
import type { ObjectSchema, Schema } from './schema.ts'

/** A value that Go's JSON decoder does not take for a type. */
export class GoDecodeError extends Error {
  override readonly name = 'GoDecodeError'
  readonly path: string

  constructor(path: readonly PathKey[], message: string) {
    super(message)
    this.path = formatPath(path)
  }
}

/**
 * A value as Go's JSON decoder reads it into the type behind a schema: names of fields in any case, unknown fields
 * and nulls dropped, no defaults, no check beyond the types.
 *
 * @throws GoDecodeError
 */
export function decodeGo(value: Json, schema: Schema, path: readonly PathKey[] = []): Json {
  switch (schema.kind) {
    case 'any':
      return value
    case 'text':
      return expect(typeof value === 'string', value, 'text', path)
    case 'flag':
      return expect(typeof value === 'boolean', value, 'true or false', path)
    case 'integer':
      return expect(Number.isInteger(value), value, 'a whole number', path)
    case 'conditions':
      return expectConditions(value, path)
    case 'list':
      if (!isJsonArray(value)) throw new GoDecodeError(path, 'must be a list')
      return value.map((item, i) => decodeGo(item ?? zeroOf(schema.items), schema.items, [...path, i]))
    case 'map':
      if (!isJsonObject(value)) throw new GoDecodeError(path, 'must be a mapping')
      return decodeMap(value, schema.values, path)
    case 'object':
      if (!isJsonObject(value)) throw new GoDecodeError(path, 'must be a mapping')
      return decodeObject(value, schema, path)
  }
}

/** `preconditions` or `deny.conditions`, with their fields spelled properly; `undefined` where Go takes it for neither form. */
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
  if (!fits) throw new GoDecodeError(path, `must be ${expected}`)
  return value
}

function expectConditions(value: Json, path: readonly PathKey[]): Json {
  const decoded = decodeConditions(value)
  if (decoded === undefined)
    throw new GoDecodeError(path, 'must be a list of conditions, or a mapping with `any` and `all`')
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
    if (field.kind === 'flag' && field.zero !== undefined && !Object.hasOwn(decoded, name)) decoded[name] = field.zero
  }
  return decoded
}

/** What Go has for a null in a list or map. */
function zeroOf(schema: Schema): Json {
  switch (schema.kind) {
    case 'text':
      return ''
    case 'flag':
      return false
    case 'integer':
      return 0
    case 'list':
      return []
    case 'map':
    case 'object':
      return {}
    case 'any':
    case 'conditions':
      return null
  }
}
