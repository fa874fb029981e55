import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeCanonicalBase64 } from './canonical-base64.ts'

test('reads what base64 writes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeCanonicalBase64(Buffer.from(bytes).toString('base64'))).toEqual(Buffer.from(bytes))
    }),
  )
})

test.each(['QQ', 'QR==', 'Q Q=', 'QQ==\n', '-_-_', 'QQ==QQ==', '====', 'QQ=', '\u00c1QQ='])('refuses %j', (text) => {
  expect(decodeCanonicalBase64(text)).toBeUndefined()
})

test('has one text for one value', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const bytes = decodeCanonicalBase64(text)
      if (bytes !== undefined) expect(bytes.toString('base64')).toBe(text)
    }),
  )
})
