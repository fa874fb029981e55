import { expect, test } from 'vitest'
import { CborTag, encodeCbor, type CborValue } from './cbor.ts'

// RFC 8949, appendix A.
test.each<readonly [CborValue, string]>([
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [255, '18ff'],
  [256, '190100'],
  [1000, '1903e8'],
  [1_000_000, '1a000f4240'],
  [1_000_000_000_000, '1b000000e8d4a51000'],
  [-1, '20'],
  [-100, '3863'],
  [-1000, '3903e7'],
  [Uint8Array.of(1, 2, 3, 4), '4401020304'],
  ['IETF', '6449455446'],
  ['\u00fc', '62c3bc'],
  ['\ud800\udd51', '64f0908591'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [
    new Map<string, CborValue>([
      ['a', 1],
      ['b', [2, 3]],
    ]),
    'a26161016162820203',
  ],
  [new CborTag(1, 1_363_896_240), 'c11a514b67b0'],
  [new CborTag(23, Uint8Array.of(1, 2, 3, 4)), 'd74401020304'],
])('encodes %o as in the examples of RFC 8949', (value, expected) => {
  expect(Buffer.from(encodeCbor(value)).toString('hex')).toBe(expected)
})

test('sorts map keys by their encoded bytes', () => {
  // RFC 8949, section 4.2.1: 10, 100, -1, "z", "aa".
  const keys = ['aa', -1, 'z', 100, 10] as const
  const map = new Map(keys.map((key) => [key, 0] as const))
  expect(Buffer.from(encodeCbor(map)).toString('hex')).toBe('a50a001864002000617a0062616100')
})
