import { p256, p384, p521 } from '@noble/curves/nist.js'
import { expect, test } from 'vitest'
import { isStrictEcdsaSignature } from './ecdsa-signature.ts'
import type { Curve } from './public-key.ts'
import { der } from './testing/der-writer.ts'

const ORDERS: readonly (readonly [Curve, bigint])[] = [
  ['P-256', p256.Point.CURVE().n],
  ['P-384', p384.Point.CURVE().n],
  ['P-521', p521.Point.CURVE().n],
]
const pair = (r: bigint, s: bigint): Uint8Array => der.sequence(der.integer(r), der.integer(s))

test.each(ORDERS)('%s scalars lie between 1 and n − 1', (curve, order) => {
  expect(isStrictEcdsaSignature(pair(1n, order - 1n), curve)).toBe(true)
  expect(isStrictEcdsaSignature(pair(order - 1n, 1n), curve)).toBe(true)
  for (const scalar of [0n, -1n, order, order + 1n]) {
    expect(isStrictEcdsaSignature(pair(scalar, 1n), curve)).toBe(false)
    expect(isStrictEcdsaSignature(pair(1n, scalar), curve)).toBe(false)
  }
})

test.each([
  ['trailing bytes', Uint8Array.from([...pair(1n, 1n), 0])],
  ['a third integer', der.sequence(der.integer(1), der.integer(1), der.integer(1))],
  ['one integer', der.sequence(der.integer(1))],
  ['an integer that is not minimal', Uint8Array.from([0x30, 7, 2, 2, 0, 1, 2, 1, 1])],
  ['a length that is not minimal', Uint8Array.from([0x30, 0x81, 6, 2, 1, 1, 2, 1, 1])],
])('refuses %s', (_name, signature) => {
  expect(() => isStrictEcdsaSignature(signature, 'P-256')).toThrow(
    expect.objectContaining({ name: 'CertificateError' }),
  )
})
