import { expect, test } from 'vitest'
import { decodeDescriptor } from './descriptor.ts'

const good = { mediaType: 'a/b', digest: `sha256:${'0'.repeat(64)}`, size: 2 }

test('returns the known members only', () => {
  expect(
    decodeDescriptor({ ...good, urls: ['https://evil.test'], artifactType: 'x/y', annotations: { a: 'b' } }),
  ).toEqual({ ...good, artifactType: 'x/y', annotations: { a: 'b' } })
  expect(decodeDescriptor({ ...good, artifactType: '', annotations: {} })).toEqual(good)
})

test.each([
  ['size', -1],
  ['size', 1.5],
  ['size', '2'],
  ['size', 2 ** 53],
  ['size', 2 ** 60],
  ['size', null],
  ['digest', 'sha256:0'],
  ['digest', 1],
  ['mediaType', undefined],
  ['artifactType', 3],
  ['annotations', []],
  ['annotations', { a: 1 }],
])('refuses %s %j', (name, value) => {
  expect(decodeDescriptor({ ...good, [name]: value })).toBeUndefined()
})

test.each([null, [], 'x', 1, Object.create(good)])('refuses %j', (value) => {
  expect(decodeDescriptor(value)).toBeUndefined()
})

test('keeps annotations whose names are those of properties', () => {
  const annotations: unknown = JSON.parse('{"__proto__":"x","constructor":"y"}')
  expect(Object.entries(decodeDescriptor({ ...good, annotations })?.annotations ?? {})).toEqual([
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ])
})
