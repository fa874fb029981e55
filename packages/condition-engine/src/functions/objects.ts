import { float32Text, formatGoFloat, setKey } from '@verify-images/primitives'
import { deepEqual } from '../expression/deep-equal.ts'
import type { Evaluation } from '../expression/evaluation.ts'
import { GoInteger, isArray, isObject, MapArray } from '../expression/value.ts'
import type { Value, ValueObject } from '../expression/value.ts'
import { compareStrings } from '../values/compare-strings.ts'
import { define, functionError } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { either, array, number, object, string } from './parameter.ts'

/** Steps of looking up a key in a large object. */
const STEPS_PER_MEMBER = 4

/** Kyverno's functions of objects and arrays. */
export const OBJECTS: readonly FunctionDefinition[] = [
  define('lookup', [either(object, array), either(string, number)], ([collection, key]) => lookup(collection, key)),
  define('items', [either(object, array), string, string], ([collection, keyName, valueName], evaluation) =>
    items(collection, keyName, valueName, evaluation),
  ),
  define('object_from_lists', [array, array], ([keys, values], evaluation) =>
    objectFromLists(keys, values, evaluation),
  ),
  define('label_match', [object, object], ([wanted, given], { meter }) => {
    const labels = Object.entries(wanted)
    meter.charge(labels.length * STEPS_PER_MEMBER)
    return labels.every(([key, value]) => Object.hasOwn(given, key) && deepEqual(given[key] ?? null, value, meter))
  }),
]

/** Returns the member of an object by key or the element of an array by index; null when it is missing. */
function lookup(collection: ValueObject | readonly Value[] | MapArray, key: string | number): Value {
  if (isObject(collection)) {
    if (typeof key !== 'string') throw functionError('lookup', 'type', 'argument #2 is not of type String')
    return Object.hasOwn(collection, key) ? (collection[key] ?? null) : null
  }
  if (!isArray(collection)) throw functionError('lookup', 'type', 'argument #1 is not of type Object or Array')
  if (typeof key !== 'number') throw functionError('lookup', 'type', 'argument #2 is not of type Number')
  if (!Number.isInteger(key))
    throw functionError('lookup', 'value', `argument #2: expected an integer number but got: ${formatGoFloat(key)}`)
  if (key >= 2 ** 63 || key < -(2 ** 63))
    throw functionError(
      'lookup',
      'value',
      `argument #2: number is outside the range of integer numbers: ${formatGoFloat(key)}`,
    )
  return key < 0 ? null : (collection[key] ?? null)
}

/**
 * Returns objects with a key and a value: the members of an object sorted by key, or the elements of an array by index.
 */
function items(
  collection: ValueObject | readonly Value[] | MapArray,
  keyName: string,
  valueName: string,
  evaluation: Evaluation,
): MapArray {
  const members = membersOf(collection)
  evaluation.madeOpaque = true
  evaluation.meter.produce(2 * members.length)
  evaluation.meter.charge(members.length * Math.ceil(Math.log2(members.length + 1)))
  return new MapArray(
    members.map(([key, value]) => {
      const item: { [key: string]: Value } = {}
      setKey(item, keyName, key)
      setKey(item, valueName, value)
      return item
    }),
  )
}

function membersOf(
  collection: ValueObject | readonly Value[] | MapArray,
): readonly (readonly [key: string | number, value: Value])[] {
  if (isArray(collection)) return [...collection.entries()]
  if (collection instanceof MapArray) throw functionError('items', 'type', 'argument #1 is not of type Object or Array')
  return Object.entries(collection).sort(([left], [right]) => compareStrings(left, right))
}

/** Converts keys to strings; a key without a value gets null. */
function objectFromLists(
  keys: readonly Value[] | MapArray,
  values: readonly Value[] | MapArray,
  { meter }: Evaluation,
): Value {
  if (keys instanceof MapArray) throw functionError('object_from_lists', 'type', 'argument #1 is not of type Array')
  if (values instanceof MapArray) throw functionError('object_from_lists', 'type', 'argument #2 is not of type Array')
  meter.produce(keys.length)
  meter.charge(keys.length)
  const made: { [key: string]: Value } = {}
  for (const [index, key] of keys.entries()) setKey(made, keyText(key), values[index] ?? null)
  return made
}

function keyText(key: Value): string {
  if (typeof key === 'string') return key
  if (typeof key === 'number') return float32Text(key)
  if (typeof key === 'boolean') return String(key)
  if (key instanceof GoInteger) return String(key.value)
  throw functionError('object_from_lists', 'type', 'argument #1 is not of type StringArray')
}
