import { expect, test } from 'vitest'
import type { Json } from '@verify-images/primitives'
import { isLossless } from './lossless-json.ts'

test.each([
  [{ a: 'x', b: [1, { c: true }] }, { a: 'x', b: [1, { c: true }] }, 'the same'],
  [{ a: '', b: 0, c: '0', d: [], e: {}, f: null, g: false }, {}, 'defaults left out'],
  [{ index: 7 }, { index: '7' }, 'a number that is text in protobuf'],
  [{ a: null }, { a: { b: 1 } }, 'null, which says nothing'],
  [{ a: 'QQ' }, { a: 'QQ==' }, 'bytes without padding'],
  [{ a: '-_-_' }, { a: '+/+/' }, 'bytes in the URL-safe alphabet'],
] as readonly (readonly [Json, Json, string])[])('%j is lossless as %j: %s', (original, written) => {
  expect(isLossless(original, written)).toBe(true)
})

test.each([
  [{ a: 'x', unknown: 'y' }, { a: 'x' }, 'an unknown member'],
  [{ a: 'Q Q' }, { a: 'QQ==' }, 'what only a lenient decoder reads'],
  [{ a: '-/-/' }, { a: '+/+/' }, 'bytes in both alphabets'],
  [{ a: 'QQ' }, { a: 'Qg==' }, 'other bytes'],
  [{ publicKey: { hint: 'x' }, certificate: { rawBytes: 'AA==' } }, { publicKey: { hint: 'x' } }, 'two alternatives'],
  [{ a: [1, 2] }, { a: [1] }, 'a shorter list'],
  [{ a: [1] }, { a: [1, 2] }, 'a longer list'],
  [{ a: { b: 'x' } }, { a: [] }, 'another kind'],
  [{ a: '1e3' }, { a: '1000' }, 'a number in another spelling'],
  [JSON.parse('{"__proto__":{"a":1}}') as Json, {}, 'a member by an inherited name'],
  [{ toString: 'x' }, {}, 'a member that every object inherits'],
] as readonly (readonly [Json, Json, string])[])('%j loses something as %j: %s', (original, written) => {
  expect(isLossless(original, written)).toBe(false)
})
