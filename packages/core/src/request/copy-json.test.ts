import fc from 'fast-check'
import { expect, test } from 'vitest'
import { copyJsonObject } from './copy-json.ts'

const invalid = (message: RegExp): unknown =>
  expect.objectContaining({ code: 'VERIFIER_RESOURCE_INVALID', message: expect.stringMatching(message) as string })

test('the copy of an object is independent of later changes', () => {
  const given = { spec: { containers: [{ image: 'a' }] }, gone: undefined }
  const copy = copyJsonObject(given, 'resource')
  given.spec.containers[0] = { image: 'b' }
  expect(copy).toEqual({ spec: { containers: [{ image: 'a' }] } })
  expect(Object.keys(copy)).toEqual(['spec'])
})

test.each([null, undefined, 'text', 7, ['list']])('refuses %j, which is not an object', (value) => {
  expect(() => copyJsonObject(value, 'resource')).toThrow(invalid(/^resource: expected an object, got /))
})

test.each([
  ['a date', new Date()],
  ['a map', new Map()],
  ['a function', () => 1],
  ['NaN', Number.NaN],
  ['a bigint', 1n],
])('refuses %s inside of an object, and names the place', (_, value) => {
  expect(() => copyJsonObject({ spec: [value] }, 'resource')).toThrow(invalid(/resource\.spec\[0\]/))
})

test('the error about an instance names its class', () => {
  expect(() => copyJsonObject({ at: new Date(0) }, 'resource')).toThrow(
    invalid(/^resource\.at: an instance of Date is not JSON; pass /),
  )
})

test('refuses a cycle by its depth, not by a crash', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  expect(() => copyJsonObject(cyclic, 'resource')).toThrow(invalid(/nested more than/))
})

test('keeps names of Object.prototype as own keys', () => {
  const copy = copyJsonObject(JSON.parse('{"__proto__":{"verified":true},"constructor":1}'), 'resource')
  expect(Object.getOwnPropertyNames(copy)).toEqual(['__proto__', 'constructor'])
  expect(({} as { verified?: boolean }).verified).toBeUndefined()
})

test('the copy of any JSON object is equal to it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value))
      expect(JSON.stringify(copyJsonObject(plain, 'value'))).toBe(JSON.stringify(plain))
    }),
  )
})
