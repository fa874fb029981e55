import { expect, test } from 'vitest'
import type { Json } from './json.ts'
import { isJsonText, isJsonTextMap, isJsonTexts, jsonForm, misshapenMember, ofForm } from './json-form.ts'

const inner = jsonForm({ name: isJsonText }, { digest: (value) => value === 'd' })
const form = jsonForm({ key: isJsonText, inner: ofForm(inner) })
const memberOf = (value: Json): string | undefined => misshapenMember(value, form)

test('finds nothing where members fit, are missing, null or unknown', () => {
  for (const value of [{}, { key: 'x', inner: { name: 'x', digest: 'd' } }, { key: null, inner: null }, { other: 1 }])
    expect(memberOf(value)).toBeUndefined()
})

test.each<[string, Json, string]>([
  ['a value that does not fit', { key: 1 }, 'key'],
  ['another case of a known name', { KEY: 'x' }, 'KEY'],
  ['letters that Go folds', { '\u212aey': 'x' }, '\u212aey'],
  ['another case beside the name', { key: 'x', Key: 'x' }, 'Key'],
  ['a value deep inside', { inner: { name: 1 } }, 'inner'],
  ['another case deep inside', { inner: { Name: 'x' } }, 'inner'],
  ['null where the type reads null', { inner: { digest: null } }, 'inner'],
  ['no object', [], ''],
  ['null', null, ''],
])('finds %s', (_, value, name) => {
  expect(memberOf(value)).toBe(name)
})

test('takes a name like a property of objects for unknown', () => {
  expect(memberOf(JSON.parse('{"__proto__":1,"constructor":{}}'))).toBeUndefined()
})

test('texts are well-formed; null in an array or a map is an empty one', () => {
  expect(['', '😀', '\ud83d', 1, null].map(isJsonText)).toEqual([true, true, false, false, false])
  expect([[], ['a', null], [1], ['\ud83d'], {}].map(isJsonTexts)).toEqual([true, true, false, false, false])
  expect([{}, { a: 'b', c: null }, { a: 1 }, []].map(isJsonTextMap)).toEqual([true, true, false, false])
})
