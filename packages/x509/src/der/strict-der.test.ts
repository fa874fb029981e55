import { ASN1Obj } from '@sigstore/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CertificateError } from '../certificate-error.ts'
import { der } from '@verify-images/testing/internal'
import { makeKeyPair } from '@verify-images/testing/internal'
import { generalName, makeCertificate } from '@verify-images/testing/internal'
import { strictDer } from './strict-der.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const codeOf = (bytes: Uint8Array): string | undefined => {
  try {
    strictDer(bytes)
    return undefined
  } catch (error) {
    return error instanceof CertificateError ? error.code : `foreign: ${String(error)}`
  }
}

test.each([
  ['an empty sequence', '30 00'],
  ['TRUE', '01 01 ff'],
  ['FALSE', '01 01 00'],
  ['zero', '02 01 00'],
  ['128 with its sign octet', '02 02 00 80'],
  ['-129', '02 02 ff 7f'],
  ['an empty bit string', '03 01 00'],
  ['a bit string with padding', '03 02 01 fe'],
  ['an arc of two octets', '06 03 2a 86 48'],
  ['an arc that ends in zero bits', '06 03 2a 81 00'],
  ['a context tag', 'a0 03 02 01 05'],
  ['a time with a fraction', `18 11 ${Buffer.from('20260101000000.5Z').toString('hex')}`],
])('accepts %s', (_name, text) => {
  expect(codeOf(hex(text))).toBeUndefined()
})

test.each([
  ['nothing', ''],
  ['a tag alone', '30'],
  ['content that is cut short', '30 03 02 01'],
  ['data behind the end', '30 00 00'],
  ['a second value behind the end', '30 00 30 00'],
  ['indefinite length', '30 80 02 01 00 00 00'],
  ['a long length below 128', '30 81 03 02 01 00'],
  ['a length with a leading zero', `04 82 00 80 ${'00'.repeat(128)}`],
  ['a child that is longer than its parent', '30 03 04 02 00 00'],
  ['a multi-byte tag', '1f 81 00 00'],
  ['an end-of-contents marker', '30 02 00 00'],
  ['BOOLEAN 01', '01 01 01'],
  ['BOOLEAN of two octets', '01 02 ff ff'],
  ['an empty INTEGER', '02 00'],
  ['a padded positive INTEGER', '02 02 00 7f'],
  ['a padded negative INTEGER', '02 02 ff 80'],
  ['a padded ENUMERATED', '0a 02 00 01'],
  ['NULL with content', '05 01 00'],
  ['an empty BIT STRING', '03 00'],
  ['eight unused bits', '03 02 08 00'],
  ['unused bits of nothing', '03 01 01'],
  ['padding bits that are set', '03 02 01 01'],
  ['an empty OID', '06 00'],
  ['an OID arc with a leading zero', '06 03 2a 80 01'],
  ['an OID that starts with a zero octet of an arc', '06 02 80 01'],
  ['an OID that is cut short', '06 02 2a 86'],
  ['an OID of 65 octets', `06 41 ${'01'.repeat(65)}`],
  ['a constructed OCTET STRING', '24 03 04 01 00'],
  ['a primitive SEQUENCE', '10 00'],
  ['a PrintableString with an underscore', '13 01 5f'],
  ['a NumericString with a letter', '12 01 41'],
  ['an IA5String that is not ASCII', '16 01 ff'],
  ['a UTF8String that is not UTF-8', '0c 01 ff'],
  ['a UTF8String with a surrogate', '0c 03 ed a0 80'],
  ['UTCTime without seconds', `17 0b ${Buffer.from('2601010000Z').toString('hex')}`],
  ['UTCTime with an offset', `17 11 ${Buffer.from('260101000000+0100').toString('hex')}`],
  ['a fraction that ends in zero', `18 11 ${Buffer.from('20260101000000.0Z').toString('hex')}`],
])('rejects %s', (_name, text) => {
  expect(codeOf(hex(text))).toBe('CERTIFICATE_DER_INVALID')
})

test('rejects a length beyond the end without allocating it', () => {
  expect(codeOf(hex('30 86 01 00 00 00 00 00'))).toBe('CERTIFICATE_DER_INVALID')
  expect(codeOf(hex('30 84 ff ff ff ff'))).toBe('CERTIFICATE_DER_INVALID')
})

test('rejects deep nesting quickly', () => {
  // Shallow where cut short at any smaller depth: only the depth can refuse it.
  let nested: Uint8Array = der.sequence()
  for (let depth = 0; depth < 47; depth++) nested = der.sequence(nested)
  expect(codeOf(nested)).toBeUndefined()
  expect(codeOf(der.sequence(nested))).toBe('CERTIFICATE_LIMIT_EXCEEDED')

  const started = performance.now()
  expect(codeOf(deepSequences(10_000))).toBe('CERTIFICATE_LIMIT_EXCEEDED')
  expect(performance.now() - started).toBeLessThan(250)
})

test('uses the limits it is given', () => {
  const three = der.sequence(der.null(), der.null())
  expect(() => strictDer(three, 'x', { maxElements: 3, maxBytes: 6, maxDepth: 1 })).not.toThrow()
  for (const limits of [{ maxElements: 2 }, { maxBytes: 5 }, { maxDepth: 0 }]) {
    expect(() => strictDer(three, 'x', limits)).toThrow(expect.objectContaining({ code: 'CERTIFICATE_LIMIT_EXCEEDED' }))
  }
})

test('throws only CertificateError, on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(codeOf(bytes) ?? 'CERTIFICATE').toMatch(/^CERTIFICATE/)
    }),
    { numRuns: 2_000 },
  )
})

test('accepts only what an independent parser accepts and encodes back to the same bytes', () => {
  const sample = makeCertificate({
    subject: 'sample',
    key: makeKeyPair(),
    ca: { pathLength: 1 },
    keyUsage: ['keyCertSign'],
    subjectAltNames: [generalName.email('a@b.c')],
  }).der
  let accepted = 0
  fc.assert(
    fc.property(fc.nat(sample.length - 1), fc.nat(255), (at, octet) => {
      const mutated = Uint8Array.from(sample)
      mutated[at] = octet
      if (codeOf(mutated) !== undefined) return
      accepted++
      expect(Buffer.from(ASN1Obj.parseBuffer(Buffer.from(mutated)).toDER()).equals(mutated)).toBe(true)
    }),
    { numRuns: 3_000 },
  )
  expect(accepted).toBeGreaterThan(100)
})

/** Definite lengths from the inside out, without the quadratic cost of nesting calls. */
function deepSequences(depth: number): Uint8Array {
  const headers: number[][] = []
  let length = 0
  for (let i = 0; i < depth; i++) {
    const octets =
      length < 128
        ? [length]
        : length < 256
          ? [0x81, length]
          : length < 65_536
            ? [0x82, length >> 8, length & 255]
            : [0x83, length >> 16, (length >> 8) & 255, length & 255]
    headers.unshift([0x30, ...octets])
    length += 1 + octets.length
  }
  return Uint8Array.from(headers.flat())
}
