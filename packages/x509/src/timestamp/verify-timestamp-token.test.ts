import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CertificateError } from '../certificate-error.ts'
import { parseCertificate } from '../parse-certificate.ts'
import { der } from '@verify-images/testing/internal'
import { makeKeyPair } from '@verify-images/testing/internal'
import { makeTimestampAuthority } from '@verify-images/testing/internal'
import type { TimestampOptions } from '@verify-images/testing/internal'
import { parseTimestampToken } from './parse-timestamp-token.ts'
import { verifyTimestampToken } from './verify-timestamp-token.ts'
import type { TimestampAuthority, TimestampRequest } from './verify-timestamp-token.ts'

const signature = Buffer.from('the bytes of a signature')
const at = new Date('2026-01-15T10:00:30.250Z')
const tsa = makeTimestampAuthority()
const authority: TimestampAuthority = { roots: [parseCertificate(tsa.root.der)], intermediates: [] }
const pinned: TimestampAuthority = { ...authority, leaf: parseCertificate(tsa.leaf.der) }

const stamp = (options: TimestampOptions = {}): Uint8Array => tsa.timestamp(signature, { genTime: at, ...options })
const request = (token: Uint8Array, rest: Partial<TimestampRequest> = {}): TimestampRequest => ({
  token,
  timestamped: signature,
  authorities: [authority],
  ...rest,
})
const refusal = (asked: TimestampRequest): string | undefined => {
  try {
    verifyTimestampToken(asked)
    return undefined
  } catch (error) {
    return error instanceof CertificateError ? error.code : `foreign: ${String(error)}`
  }
}

test('returns the time and the chain of its authority', () => {
  const verified = verifyTimestampToken(request(stamp()))
  expect(verified).toMatchObject({ time: at, accuracyMs: 1005, serialNumber: 4711n, policy: '1.2.3.4', authority })
  expect(verified.signer.subject.text).toBe('CN=test timestamp authority')
  expect(verified.chain.map(({ subject }) => subject.text)).toEqual([
    'CN=test timestamp authority',
    'CN=test timestamp root',
  ])
})

test.each<[string, TimestampOptions]>([
  ['a bare token', { bare: true }],
  ['SHA-384', { imprintHash: 'sha384' }],
  ['SHA-512', { imprintHash: 'sha512' }],
  ['granted with modifications', { status: 1 }],
  ['a nonce', { nonce: 2n ** 64n }],
  ['the older way of naming its signer', { namesBy: 'v1' }],
  ['issuer and serial number of its signer beside the hash', { namedSerialNumber: 77n }],
  ['a further signed attribute', { attributes: [der.sequence(der.oid('1.2.3'), der.set(der.null()))] }],
  [
    'an extension that is not critical',
    { extensions: [der.sequence(der.oid('1.2.3'), der.octetString(Uint8Array.of(0)))] },
  ],
])('accepts %s', (_name, options) => {
  expect(refusal(request(stamp(options)))).toBeUndefined()
})

test('uses the leaf of the authority when the token has no certificate', () => {
  expect(refusal(request(stamp({ certificates: [] }), { authorities: [pinned] }))).toBeUndefined()
  expect(refusal(request(stamp({ certificates: [] })))).toBe('CERTIFICATE_UNTRUSTED')
})

test('accepts a digest instead of the bytes, with the same hash only', () => {
  const digest = createHash('sha256').update(signature).digest()
  expect(refusal(request(stamp(), { timestamped: { hash: 'sha256', digest } }))).toBeUndefined()
  expect(refusal(request(stamp(), { timestamped: { hash: 'sha512', digest } }))).toBe('CERTIFICATE_TIMESTAMP_MISMATCH')
})

test.each<[string, TimestampOptions, string]>([
  ['SHA-1 as imprint', { imprintHash: 'sha1' }, 'CERTIFICATE_TIMESTAMP_INVALID'],
  [
    'a truncated imprint',
    { imprint: createHash('sha256').update(signature).digest().subarray(0, 20) },
    'CERTIFICATE_TIMESTAMP_INVALID',
  ],
  [
    'an imprint of other bytes',
    { imprint: createHash('sha256').update('other').digest() },
    'CERTIFICATE_TIMESTAMP_MISMATCH',
  ],
  ['a rejection with a genuine token', { status: 2 }, 'CERTIFICATE_TIMESTAMP_INVALID'],
  ['a waiting answer', { status: 3 }, 'CERTIFICATE_TIMESTAMP_INVALID'],
  ['content of type data', { contentType: '1.2.840.113549.1.7.1' }, 'CERTIFICATE_TIMESTAMP_INVALID'],
  ['data as signed content type', { signedContentType: '1.2.840.113549.1.7.1' }, 'CERTIFICATE_TIMESTAMP_INVALID'],
  [
    'a signed digest of other content',
    { messageDigest: createHash('sha256').update('other').digest() },
    'CERTIFICATE_TIMESTAMP_INVALID',
  ],
  ['no name of the signing certificate', { names: undefined }, 'CERTIFICATE_TIMESTAMP_INVALID'],
  ['the name of another certificate', { names: tsa.root }, 'CERTIFICATE_UNTRUSTED'],
  ['another serial number of its signer', { signerSerialNumber: 78n }, 'CERTIFICATE_UNTRUSTED'],
  ['another serial number beside the hash', { namedSerialNumber: 78n }, 'CERTIFICATE_UNTRUSTED'],
  [
    'a signed attribute that occurs twice',
    { attributes: [der.sequence(der.oid('1.2.840.113549.1.9.3'), der.set(der.oid('1.2.3')))] },
    'CERTIFICATE_TIMESTAMP_INVALID',
  ],
  [
    'a signed attribute with two values',
    { attributes: [der.sequence(der.oid('1.2.3'), der.set(der.null(), der.null()))] },
    'CERTIFICATE_TIMESTAMP_INVALID',
  ],
  [
    'a critical extension',
    { extensions: [der.sequence(der.oid('1.2.3'), der.boolean(true), der.octetString(Uint8Array.of(0)))] },
    'CERTIFICATE_TIMESTAMP_INVALID',
  ],
  ['two signers', { signers: 2 }, 'CERTIFICATE_MALFORMED'],
  ['no signer', { signers: 0 }, 'CERTIFICATE_MALFORMED'],
  ['17 certificates', { certificates: Array.from({ length: 17 }, () => tsa.leaf) }, 'CERTIFICATE_LIMIT_EXCEEDED'],
])('rejects %s', (_name, options, code) => {
  expect(refusal(request(stamp(options)))).toBe(code)
})

test('rejects a timestamp of other bytes', () => {
  expect(refusal(request(tsa.timestamp(Buffer.from('the payload'), { genTime: at })))).toBe(
    'CERTIFICATE_TIMESTAMP_MISMATCH',
  )
  expect(refusal(request(tsa.timestamp(Buffer.from(signature.toString('base64')), { genTime: at })))).toBe(
    'CERTIFICATE_TIMESTAMP_MISMATCH',
  )
})

test('rejects other authorities, and an empty list', () => {
  const other = makeTimestampAuthority()
  expect(refusal(request(other.timestamp(signature, { genTime: at })))).toBe('CERTIFICATE_UNTRUSTED')
  expect(refusal(request(other.timestamp(signature, { genTime: at }), { authorities: [pinned] }))).toBe(
    'CERTIFICATE_UNTRUSTED',
  )
  expect(refusal(request(stamp(), { authorities: [] }))).toBe('CERTIFICATE_UNTRUSTED')
  expect(refusal(request(stamp(), { authorities: [{ roots: [], intermediates: [] }] }))).toBe('CERTIFICATE_UNTRUSTED')
})

test('rejects a signature by a key other than that of the certificate', () => {
  const impostor = makeTimestampAuthority({ leafKey: makeKeyPair() })
  const token = impostor.timestamp(signature, { genTime: at, names: tsa.leaf, certificates: [tsa.leaf] })
  // The impostor's issuer has the same name: only the signature tells them apart.
  expect(refusal(request(token))).toBe('CERTIFICATE_SIGNATURE_INVALID')
})

test.each([
  ['before its window', { validFrom: new Date('2026-01-15T10:00:31Z') }, 'CERTIFICATE_EXPIRED'],
  ['after its window', { validUntil: new Date('2026-01-15T10:00:30Z') }, 'CERTIFICATE_EXPIRED'],
  ['at both ends of its window', { validFrom: at, validUntil: at }, undefined],
  ['with an invalid Date in its window', { validUntil: new Date('later') }, 'CERTIFICATE_OPTIONS_INVALID'],
])('rejects a timestamp %s', (_name, window, code) => {
  expect(refusal(request(stamp(), { authorities: [{ ...authority, ...window }] }))).toBe(code)
})

test('a retired authority cannot use the window of another', () => {
  const retired = { ...authority, validUntil: new Date('2026-01-10') }
  const successor = {
    roots: [parseCertificate(makeTimestampAuthority().root.der)],
    intermediates: [],
    validFrom: new Date('2026-01-10'),
  }
  expect(refusal(request(stamp(), { authorities: [retired, successor] }))).toBe('CERTIFICATE_EXPIRED')
  expect(refusal(request(stamp(), { authorities: [successor, authority] }))).toBeUndefined()
})

test.each([
  ['not for time stamping', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.3'] }, 'CERTIFICATE_USAGE_MISMATCH'],
  [
    'for more than timeStamping',
    { extendedKeyUsage: ['1.3.6.1.5.5.7.3.8', '1.3.6.1.5.5.7.3.3'] },
    'CERTIFICATE_USAGE_MISMATCH',
  ],
  ['for time stamping, but not critically', { extendedKeyUsageCritical: false }, 'CERTIFICATE_USAGE_MISMATCH'],
  ['expired at the time of the timestamp', { notAfter: new Date('2026-01-01') }, 'CERTIFICATE_EXPIRED'],
  ['expired since', { notAfter: new Date('2026-01-16') }, undefined],
])('rejects a signer that is %s', (_name, leaf, code) => {
  const made = makeTimestampAuthority({ leaf })
  expect(
    refusal(
      request(made.timestamp(signature, { genTime: at }), {
        authorities: [{ roots: [parseCertificate(made.root.der)], intermediates: [] }],
      }),
    ),
  ).toBe(code)
})

test.each(['P-384', 'P-521', 'rsa', 'ed25519'] as const)('verifies signers with a %s key', (type) => {
  const made = makeTimestampAuthority({ leafKey: makeKeyPair(type) })
  expect(
    refusal(
      request(made.timestamp(signature, { genTime: at }), {
        authorities: [{ roots: [parseCertificate(made.root.der)], intermediates: [] }],
      }),
    ),
  ).toBeUndefined()
})

test('throws only CertificateError, and no changed byte yields another time', () => {
  const token = stamp()
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.integer({ min: 1, max: 255 }), (index, flip) => {
      const altered = Uint8Array.from(token, (octet, i) => (i === index ? octet ^ flip : octet))
      const code = refusal(request(altered))
      if (code === undefined) expect(parseTimestampToken(altered).genTime).toEqual(at)
      else expect(code).toMatch(/^CERTIFICATE_/)
    }),
    { numRuns: 800 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(refusal(request(bytes))).toMatch(/^CERTIFICATE_/)
    }),
    { numRuns: 300 },
  )
})
