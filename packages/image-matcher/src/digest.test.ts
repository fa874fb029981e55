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
  const hex = fc.string({ unit: fc.constantFrom('0', '9', 'a', 'f', 'F'), minLength: 62, maxLength: 66 })
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    hex.map((digits) => `sha256:${digits.toLowerCase()}`),
    hex.map((digits) => `sha256:${digits}`),
  )
  fc.assert(
    fc.property(texts, (text) => {
      expect(digestProblem(text) === undefined).toBe(isDigest(text))
    }),
  )
})
