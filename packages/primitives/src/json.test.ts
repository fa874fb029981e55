import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isJsonArray, isJsonObject, ownMember, setKey, type Json } from './json.ts'

const others: readonly (Json | undefined)[] = [null, 'x', 0, true, undefined]

test('isJsonObject and isJsonArray accept exactly objects and arrays', () => {
  expect([{}, [], ...others].map(isJsonObject)).toEqual([true, false, false, false, false, false, false])
  expect([{}, [], ...others].map(isJsonArray)).toEqual([false, true, false, false, false, false, false])
})

test('finds no inherited member', () => {
  for (const value of [{}, [], ...others]) {
    expect(ownMember(value, 'constructor')).toBeUndefined()
    expect(ownMember(value, '__proto__')).toBeUndefined()
    expect(ownMember(value, 'length')).toBeUndefined()
  }
})

test('reads and writes every key as an own member, and leaves prototypes alone', () => {
  const keys = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty'))
  fc.assert(
    fc.property(fc.array(fc.tuple(keys, fc.jsonValue({ maxDepth: 2 }))), (members) => {
      const object: { [key: string]: Json } = {}
      for (const [key, value] of members) setKey<Json>(object, key, value as Json)
      for (const [key, value] of new Map(members)) expect(ownMember(object, key)).toEqual(value)
      expect(Object.keys(object).length).toBe(new Map(members).size)
      expect(Object.getPrototypeOf(object)).toBe(Object.prototype)
    }),
  )
})
