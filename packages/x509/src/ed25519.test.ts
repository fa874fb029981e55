import { expect, test } from 'vitest'
import { hasCanonicalScalar } from './ed25519.ts'

const order = 2n ** 252n + 27742317777372353535851937790883648493n
const signature = (scalar: bigint): Uint8Array =>
  Buffer.concat([Buffer.alloc(32), Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse()])

test('accepts only scalars below the group order', () => {
  expect(hasCanonicalScalar(signature(0n))).toBe(true)
  expect(hasCanonicalScalar(signature(order - 1n))).toBe(true)
  expect(hasCanonicalScalar(signature(order))).toBe(false)
  expect(hasCanonicalScalar(signature(2n ** 256n - 1n))).toBe(false)
  expect(hasCanonicalScalar(signature(0n).subarray(1))).toBe(false)
})
