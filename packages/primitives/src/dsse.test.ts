import fc from 'fast-check'
import { expect, test } from 'vitest'
import { preAuthenticationEncoding } from './dsse.ts'

test('writes the example of the specification', () => {
  const encoded = preAuthenticationEncoding('http://example.com/HelloWorld', Buffer.from('hello world'))
  expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
})

test('counts bytes, not characters', () => {
  expect(Buffer.from(preAuthenticationEncoding('é', Buffer.from('ü'))).toString()).toBe('DSSEv1 2 é 2 ü')
  expect(Buffer.from(preAuthenticationEncoding('', new Uint8Array())).toString()).toBe('DSSEv1 0  0 ')
})

test('encodes no two pairs of type and payload alike', () => {
  const type = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())
  fc.assert(
    fc.property(type, fc.uint8Array(), type, fc.uint8Array(), (type, payload, otherType, otherPayload) => {
      const same = type === otherType && Buffer.compare(payload, otherPayload) === 0
      const [left, right] = [
        preAuthenticationEncoding(type, payload),
        preAuthenticationEncoding(otherType, otherPayload),
      ]
      expect(Buffer.compare(left, right) === 0).toBe(same)
    }),
  )
})
