import { isJsonList, isJsonObject, setKey } from '../json-value.ts'
import type { MutableJsonObject } from '../json-value.ts'
import type { Json } from '../model.ts'
import { goAnyAllConditions, goConditions } from './condition-schema.ts'
import type { Schema } from './schema.ts'

/**
 * A value without what Go leaves out when it writes JSON: empty texts, lists and maps, and false. What the schema does
 * not look into stays as it is, and an object that was given stays, even empty.
 */
export function omitEmpty(value: Json, schema: Schema): Json {
  switch (schema.kind) {
    case 'any':
    case 'text':
    case 'flag':
    case 'integer': return value
    case 'conditions': return omitEmpty(value, isJsonList(value) ? goConditions : goAnyAllConditions)
    case 'list': return isJsonList(value) ? value.map((item) => omitEmpty(item, schema.items)) : value
    case 'map': return isJsonObject(value) ? mapped(value, () => schema.values, false) : value
    case 'object': return isJsonObject(value) ? mapped(value, (key) => (Object.hasOwn(schema.fields, key) ? schema.fields[key] : undefined), true) : value
  }
}

function mapped(value: { readonly [key: string]: Json }, schemaOf: (key: string) => Schema | undefined, omit: boolean): Json {
  const written: MutableJsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    const schema = schemaOf(key)
    const inner = schema === undefined ? item : omitEmpty(item, schema)
    if (!omit || schema === undefined || !isEmpty(inner, schema)) setKey(written, key, inner)
  }
  return written
}

function isEmpty(value: Json, schema: Schema): boolean {
  switch (schema.kind) {
    case 'text': return value === ''
    case 'flag': return value === false && schema.zero === undefined && schema.default === undefined
    case 'list': return isJsonList(value) && value.length === 0
    case 'map': return isJsonObject(value) && Object.keys(value).length === 0
    case 'any':
    case 'integer':
    case 'conditions':
    case 'object': return value === null
  }
}
