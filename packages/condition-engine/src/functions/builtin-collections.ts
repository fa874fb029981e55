import { setKey } from '@verify-images/primitives'
import { evaluationCrash, evaluationError } from '../expression/evaluation.ts'
import type { Evaluation } from '../expression/evaluation.ts'
import { isArray, isObject, MapArray, Opaque } from '../expression/value.ts'
import type { Value } from '../expression/value.ts'
import { define, defineVariadic } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { anything, either, array, object, string } from './parameter.ts'

/** Steps of adding a key to an object that may be large. */
const STEPS_PER_MEMBER = 10

/** JMESPath's own functions of arrays, objects and any value. */
export const BUILTIN_COLLECTIONS: readonly FunctionDefinition[] = [
  define('length', [either(either(string, array), object)], ([value]) => lengthOf(value)),
  define('contains', [either(array, string), anything], ([collection, wanted], evaluation) =>
    contains(collection, wanted, evaluation),
  ),
  define('reverse', [either(array, string)], ([value], { meter }) => {
    if (typeof value === 'string') return Array.from(value).reverse().join('')
    const reversed = plainList(value).toReversed()
    meter.produce(reversed.length)
    return reversed
  }),
  define('keys', [object], ([value], { meter }) => counted(Object.keys(value), meter)),
  define('values', [object], ([value], { meter }) => counted(Object.values(value), meter)),
  define('to_array', [anything], ([value]) => (isArray(value) ? value : [value])),
  define('type', [anything], ([value]) => typeName(value)),
  defineVariadic('not_null', (values) => values.find((value) => value !== null) ?? null),
  defineVariadic('merge', merge),
]

/** Requires an array. The result of `items()` is not one for Go's implementation either. */
export function plainList(value: readonly Value[] | MapArray): readonly Value[] {
  if (value instanceof MapArray) throw evaluationCrash('type', 'expected an array, got the result of items()')
  return value
}

function lengthOf(value: string | readonly Value[] | MapArray | { readonly [key: string]: Value }): number {
  if (typeof value === 'string') return codePointCount(value)
  if (value instanceof MapArray) return value.maps.length
  return isArray(value) ? value.length : Object.keys(value).length
}

function codePointCount(value: string): number {
  let count = 0
  for (let at = 0; at < value.length; count++) at += (value.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
  return count
}

function counted(list: readonly Value[], meter: Evaluation['meter']): readonly Value[] {
  meter.produce(list.length)
  meter.charge(list.length >> 3)
  return list
}

/** Go compares with `==`, which panics for two arrays or two maps, so such a pair is an error. */
function contains(collection: string | readonly Value[] | MapArray, wanted: Value, { meter }: Evaluation): boolean {
  if (typeof collection === 'string') return typeof wanted === 'string' && collection.includes(wanted)
  const elements = plainList(collection)
  meter.charge(elements.length >> 3)
  return elements.some((element) => isSame(element, wanted))
}

function isSame(element: Value, wanted: Value): boolean {
  if (typeof element !== 'object' || typeof wanted !== 'object' || element === null || wanted === null)
    return element === wanted
  if (sortOf(element) !== sortOf(wanted)) return false
  if (element instanceof Opaque && 'value' in element && wanted instanceof Opaque && 'value' in wanted)
    return element.value === wanted.value
  throw evaluationCrash('type', 'arrays and objects cannot be compared')
}

function sortOf(value: object): unknown {
  return value instanceof Opaque ? value.constructor : Array.isArray(value)
}

const TYPE_NAMES: Readonly<Partial<Record<string, string>>> = { number: 'number', string: 'string', boolean: 'boolean' }

function typeName(value: Value): string {
  if (value === null) return 'null'
  if (isArray(value)) return 'array'
  if (isObject(value)) return 'object'
  const name = TYPE_NAMES[typeof value]
  if (name === undefined) throw evaluationError('type', 'unknown type')
  return name
}

function merge(objects: readonly Value[], { meter }: Evaluation): Value {
  const merged: { [key: string]: Value } = {}
  for (const part of objects) {
    if (!isObject(part)) throw evaluationCrash('type', 'merge: expected objects')
    const entries = Object.entries(part)
    meter.produce(entries.length)
    meter.charge(entries.length * STEPS_PER_MEMBER)
    for (const [key, value] of entries) setKey(merged, key, value)
  }
  return merged
}
