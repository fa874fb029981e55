import { isJsonArray, isJsonObject, type Json, type JsonObject, ownMember, setKey } from '@verify-images/primitives'
import type { MutableJsonObject } from '../json-value.ts'
import { goAnyAllConditions, goConditions } from './condition-schema.ts'
import type { ObjectSchema, Schema } from './schema.ts'

/**
 * Returns a value as Go writes it in JSON: fields in schema order, without empty strings, arrays and maps, and without
 * false. Required fields and objects are kept, and so is everything below an `any` schema.
 */
export function omitEmpty(value: Json, schema: Schema): Json {
  switch (schema.kind) {
    case 'any':
    case 'string':
    case 'boolean':
    case 'integer':
      return value
    case 'conditions':
      return omitEmpty(value, isJsonArray(value) ? goConditions : goAnyAllConditions)
    case 'array':
      return isJsonArray(value) ? value.map((item) => omitEmpty(item, schema.items)) : value
    case 'map':
      return isJsonObject(value) ? writeMap(value, schema.values) : value
    case 'object':
      return isJsonObject(value) ? writeObject(value, schema) : value
  }
}

function writeMap(value: JsonObject, values: Schema): Json {
  const written: MutableJsonObject = {}
  for (const key of Object.keys(value).sort()) setKey(written, key, omitEmpty(value[key] ?? null, values))
  return written
}

function writeObject(value: JsonObject, { fields, required }: ObjectSchema): Json {
  const written: MutableJsonObject = {}
  for (const [key, schema] of Object.entries(fields)) {
    const item = ownMember(value, key)
    if (item === undefined) continue
    const inner = omitEmpty(item, schema)
    if (required.includes(key) || !isEmpty(inner, schema)) written[key] = inner
  }
  for (const [key, item] of Object.entries(value)) if (!Object.hasOwn(fields, key)) setKey(written, key, item)
  return written
}

function isEmpty(value: Json, schema: Schema): boolean {
  switch (schema.kind) {
    case 'string':
      return value === ''
    case 'boolean':
      return value === false && schema.zero === undefined && schema.default === undefined
    case 'array':
      return isJsonArray(value) && value.length === 0
    case 'map':
      return isJsonObject(value) && Object.keys(value).length === 0
    case 'any':
    case 'integer':
    case 'conditions':
    case 'object':
      return value === null
  }
}
