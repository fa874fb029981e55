import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestProblem, isDigest, parseDigest } from './digest.ts'
import { ImageError } from './image-error.ts'

const HEX = '0123456789abcdef'.repeat(8)

test.each([`sha256:${HEX.slice(0, 64)}`, `sha384:${HEX.slice(0, 96)}`, `sha512:${HEX}`])('takes %s', (text) => {
  expect(parseDigest(text)).toBe(text)
})

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
])('refuses %j: %s', (text, problem) => {
  expect(digestProblem(text)).toBe(problem)
  expect(isDigest(text)).toBe(false)
  expect(() => parseDigest(text)).toThrow(expect.objectContaining({ name: 'ImageError', code: 'IMAGE_DIGEST_INVALID' }))
})

test('throws nothing else, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      try {
        parseDigest(text)
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError)
      }
    }),
  )
})

test.each([undefined, null, 7, ['sha256:']])('%j is no digest', (value) => {
  expect(isDigest(value as never)).toBe(false)
  expect(() => parseDigest(value as never)).toThrow(expect.objectContaining({ code: 'IMAGE_DIGEST_INVALID' }))
})
