import type { Json } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { decodeConditions, decodeGo } from './decode-go.ts'
import { any, arrayOf, boolean, integer, object, string, stringMap, type Schema } from './schema.ts'

const every = object({
  name: string,
  count: integer,
  flag: boolean,
  written: { kind: 'boolean', zero: false },
  list: arrayOf(string),
  labels: stringMap,
  free: any,
  nested: object({ name: string }),
})
const decoded = (value: Json): Json => decodeGo(value, every)

test('decodes fields in any case, and drops unknown fields and nulls', () => {
  expect(decoded({ NAME: 'a', Count: 1, other: 2, flag: null, nested: { Name: 'b', other: 1 } })).toEqual({
    name: 'a',
    count: 1,
    nested: { name: 'b' },
    written: false,
  })
})

test('fills in the zero value of a field that Go always writes, and of no other', () => {
  expect(decoded({})).toEqual({ written: false })
  expect(decoded({ written: true })).toEqual({ written: true })
})

test('keeps any JSON where the schema has no type', () => {
  expect(decoded({ free: { A: [1, null] } })).toEqual({ free: { A: [1, null] }, written: false })
})

test.each<[string, Json, string]>([
  ['a number for a string', { name: 1 }, 'name'],
  ['a string for a number', { count: '1' }, 'count'],
  ['a fraction for an integer', { count: 1.5 }, 'count'],
  ['a string for a boolean', { flag: 'true' }, 'flag'],
  ['an object for an array', { list: {} }, 'list'],
  ['a number in an array of strings', { list: ['a', 1] }, 'list[1]'],
  ['an array for a map', { labels: [] }, 'labels'],
  ['a number in a map of strings', { labels: { a: 1 } }, 'labels.a'],
  ['a string for an object', { nested: 'x' }, 'nested'],
  ['a number in a nested object', { nested: { NAME: 1 } }, 'nested.NAME'],
])('rejects %s, and names the field', (_, value, path) => {
  expect(() => decoded(value)).toThrow(expect.objectContaining({ name: 'GoDecodeError', path }))
})

test.each<[string, Schema, Json]>([
  ['string', string, ''],
  ['integer', integer, 0],
  ['boolean', boolean, false],
  ['array', arrayOf(string), []],
  ['map', stringMap, {}],
  ['object', object({ name: string }), {}],
  ['value of any type', any, null],
])('a null in an array becomes the zero value: %s', (_, items, zero) => {
  expect(decodeGo([null], arrayOf(items))).toEqual([zero])
})

test('decodes conditions in both forms, and nothing else', () => {
  const condition = { key: 'a', operator: 'Equals', value: 1 }
  expect(decodeConditions([{ Key: 'a', OPERATOR: 'Equals', value: 1 }])).toEqual([condition])
  expect(decodeConditions({ ANY: [condition] })).toEqual({ any: [condition] })
  expect(decodeConditions('x')).toBeUndefined()
  expect(decodeConditions([{ key: 'a', operator: 1 }])).toBeUndefined()
})
