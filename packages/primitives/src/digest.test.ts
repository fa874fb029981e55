import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestAlgorithm, digestHex, digestOf, isDigest, parseDigest, type DigestAlgorithm } from './digest.ts'

const LENGTHS: readonly (readonly [DigestAlgorithm, number])[] = [
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
]

test.each(LENGTHS)('accepts %s with %i lower-case hex digits, and no other number of them', (algorithm, length) => {
  const hex = '0123456789abcdef'.repeat(8).slice(0, length)
  expect(isDigest(`${algorithm}:${hex}`)).toBe(true)
  expect(isDigest(`${algorithm}:${hex.slice(1)}`)).toBe(false)
  expect(isDigest(`${algorithm}:${hex}0`)).toBe(false)
})

const hex = 'a'.repeat(64)
test.each([
  ['upper-case digits', `sha256:${hex.toUpperCase()}`],
  ['an upper-case algorithm', `SHA256:${hex}`],
  ['no algorithm', hex],
  ['an empty algorithm', `:${hex}`],
  ['a weaker algorithm', `sha1:${'a'.repeat(40)}`],
  ['an algorithm named like a property', `constructor:${hex}`],
  ['the length of another algorithm', `sha512:${hex}`],
  ['a dash for the colon', `sha256-${hex}`],
  ['a second colon', `sha256::${hex.slice(1)}`],
  ['a digit that is not hexadecimal', `sha256:${hex.slice(1)}g`],
  ['a full-width digit', `sha256:${hex.slice(1)}\uff11`],
  ['a blank before', ` sha256:${hex}`],
  ['a line feed after', `sha256:${hex}\n`],
  ['an empty string', ''],
  ['a number', 1],
  ['null', null],
  ['an array that reads like one', [`sha256:${hex}`]],
])('refuses %s', (_, value) => {
  expect(isDigest(value)).toBe(false)
  expect(() => parseDigest(String(value) === `sha256:${hex}` ? '' : String(value))).toThrow(SyntaxError)
})

test('digestOf makes digests that say what node:crypto says', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom(...LENGTHS), (bytes, [algorithm, length]) => {
      const digest = digestOf(bytes, algorithm)
      expect(isDigest(digest)).toBe(true)
      expect(parseDigest(digest)).toBe(digest)
      expect(digestAlgorithm(digest)).toBe(algorithm)
      expect(digestHex(digest)).toBe(createHash(algorithm).update(bytes).digest('hex'))
      expect(digestHex(digest).length).toBe(length)
    }),
  )
})

test('the algorithm is sha256 unless another is asked for', () => {
  expect(digestOf(new Uint8Array())).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})
