import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isDigest } from '@verify-images/primitives'
import { digestProblem } from './digest.ts'

const HEX = '0123456789abcdef'.repeat(8)

test.each([
  ['', 'invalid checksum digest format'],
  ['sha256', 'invalid checksum digest format'],
  ['sha256:', 'invalid checksum digest format'],
  [`:${HEX.slice(0, 64)}`, 'invalid checksum digest format'],
  [`SHA256:${HEX.slice(0, 64)}`, 'invalid checksum digest format'],
  [`sha256:${HEX.slice(0, 64).toUpperCase()}`, 'invalid checksum digest format'],
  [`sha256:${HEX.slice(0, 63)}\n`, 'invalid checksum digest format'],
  [`sha256:${HEX.slice(0, 63)}`, 'invalid checksum digest length'],
  [`sha256:${HEX}`, 'invalid checksum digest length'],
  [`sha1:${HEX.slice(0, 40)}`, 'unsupported digest algorithm'],
  [`constructor:${HEX.slice(0, 64)}`, 'unsupported digest algorithm'],
])('rejects %j: %s', (text, problem) => {
  expect(digestProblem(text)).toBe(problem)
})

test('accepts exactly the strings that isDigest accepts', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^sha256:[0-9a-f]{62,66}$/)), (text) => {
      expect(digestProblem(text) === undefined).toBe(isDigest(text))
    }),
  )
})
