import * as kubernetes from '@kubernetes/client-node'
import { isObject } from '@verify-images/primitives'

/** One member of a type of the Kubernetes API, as client-node generates it from the OpenAPI schema. */
interface Attribute {
  readonly baseName: string
  readonly type: string
}

const PRIMITIVES: Readonly<Record<string, readonly string[]>> = {
  string: ['string'],
  number: ['number'],
  boolean: ['boolean'],
  Date: ['string'],
  IntOrString: ['number', 'string'],
}

/**
 * Returns what is wrong with an object by the OpenAPI schema of Kubernetes: members that it does not have, and values
 * of another type. Required members are left to the API server.
 */
export function schemaProblems(object: unknown): readonly string[] {
  if (!isObject(object)) return ['expected an object']
  const { apiVersion, kind } = object
  const version = String(apiVersion).split('/').at(-1) ?? ''
  const type = `${version.charAt(0).toUpperCase()}${version.slice(1)}${String(kind)}`
  return problemsOf(object, type, String(kind))
}

function problemsOf(value: unknown, type: string, path: string): readonly string[] {
  const expected = PRIMITIVES[type]
  if (expected !== undefined)
    return expected.includes(typeof value) ? [] : [`${path}: expected ${expected.join(' or ')}`]
  const [, item] = /^(?:Array|Set)<(.+)>$/.exec(type) ?? []
  if (item !== undefined)
    return Array.isArray(value)
      ? value.flatMap((each, i) => problemsOf(each, item, `${path}[${String(i)}]`))
      : [`${path}: expected an array`]
  if (!isObject(value)) return type === 'any' ? [] : [`${path}: expected an object`]
  const [, member] = /^\{ \[key: string\]: (.+); \}$/.exec(type) ?? []
  if (member !== undefined)
    return Object.entries(value).flatMap(([name, each]) => problemsOf(each, member, `${path}.${name}`))
  const attributes = attributesOf(type)
  if (attributes === undefined) return type === 'any' ? [] : [`${path}: unknown type ${type}`]
  return Object.entries(value).flatMap(([name, each]) => {
    const attribute = attributes.find(({ baseName }) => baseName === name)
    return attribute === undefined ? [`${path}.${name}: unknown`] : problemsOf(each, attribute.type, `${path}.${name}`)
  })
}

const TYPES: ReadonlyMap<string, unknown> = new Map(Object.entries(kubernetes))

function attributesOf(type: string): readonly Attribute[] | undefined {
  const found = TYPES.get(type)
  const read: unknown = typeof found === 'function' ? Reflect.get(found, 'getAttributeTypeMap') : undefined
  if (typeof read !== 'function') return undefined
  const attributes: readonly Attribute[] = Reflect.apply(read, found, [])
  return attributes
}
