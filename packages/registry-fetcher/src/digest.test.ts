import { expect, test } from 'vitest'
import { digestOf, isDigest } from './digest.ts'

const HEX = 'ab'.repeat(32)

test.each([
  [`sha256:${HEX}`, true],
  [`sha384:${HEX}${HEX.slice(32)}`, true],
  [`sha512:${HEX}${HEX}`, true],
  [`sha256:${HEX.toUpperCase()}`, false],
  [`sha256:${HEX.slice(1)}`, false],
  [`sha256:${HEX}0`, false],
  [`sha512:${HEX}`, false],
  [`md5:${HEX.slice(32)}`, false],
  [`sha1:${HEX.slice(24)}`, false],
  [`:${HEX}`, false],
  [HEX, false],
  [`sha256:${HEX.slice(1)}\n`, false],
  [`constructor:${HEX}`, false],
  ['', false],
])('%s is a digest: %s', (text, expected) => {
  expect(isDigest(text)).toBe(expected)
})

test('hashes by the algorithm of another digest', () => {
  expect(digestOf(Buffer.from('abc'))).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(digestOf(Buffer.from('abc'), 'sha384:00')).toMatch(/^sha384:cb00753f45a35e8b/)
})
