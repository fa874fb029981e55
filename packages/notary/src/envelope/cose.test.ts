import { NOTARY_PAYLOAD_TYPE } from '@verify-images/testing/internal'
import { encode } from 'cbor2'
import { expect, test } from 'vitest'
import { testWork } from '@verify-images/testing/internal'
import { codeOf } from '../testing/code-of.ts'
import { COSE, JWS, epoch, makeAuthority, makeCose, payloadOf } from '../testing/signing-world.ts'
import type { CoseOptions } from '../testing/signing-world.ts'
import type { Envelope } from './envelope.ts'
import { openEnvelope } from './open-envelope.ts'

const openWith = (mediaType: string, bytes: Uint8Array): Promise<Envelope> => openEnvelope(mediaType, bytes, testWork())
const authority = makeAuthority()
const signer = authority.signer()
const other = authority.signer()
const open = (options: CoseOptions = {}): Promise<unknown> => openWith(COSE, makeCose(signer, options))
const header = (...entries: readonly (readonly [unknown, unknown])[]): CoseOptions => ({ header: new Map(entries) })
const unprotected = (...entries: readonly (readonly [unknown, unknown])[]): CoseOptions => ({
  unprotected: new Map(entries),
})

test.each(['P-256', 'P-384', 'P-521', 'rsa'] as const)('opens what a key of kind %s signed', async (kind) => {
  const envelope = await openWith(COSE, makeCose(authority.signer({}, kind)))
  expect(Buffer.from(envelope.payload).toString()).toBe(payloadOf())
  expect(envelope.attributes).toEqual({
    contentType: NOTARY_PAYLOAD_TYPE,
    signingScheme: 'notary.x509',
    signingTime: new Date('2026-01-15T10:00:00Z'),
  })
})

test('accepts an envelope in a Buffer', async () => {
  expect(await codeOf(() => openWith(COSE, Buffer.from(makeCose(signer))))).toBeUndefined()
})

const scheme = 'io.cncf.notary.signingScheme'
const expiry = 'io.cncf.notary.expiry'
const LIES: readonly (readonly [what: string, options: CoseOptions])[] = [
  ['another key', { key: other.key }],
  ['an algorithm of another curve', header([1, -35])],
  ['a symmetric algorithm', header([1, 5])],
  ['no algorithm', header([1, undefined])],
  ['an algorithm outside of the signature', { header: new Map([[1, undefined]]), unprotected: new Map([[1, -7]]) }],
  ['no crit', header([2, undefined])],
  ['crit outside of the signature', { header: new Map([[2, undefined]]), unprotected: new Map([[2, [scheme]]]) }],
  ['empty crit', header([2, []])],
  ['crit that is not an array', header([2, scheme])],
  ['crit with a name twice', header([2, [scheme, scheme]])],
  ['crit without the scheme', header([2, ['x']], ['x', 1])],
  ['crit with an unknown name', header([2, [scheme, 'x']], ['x', 1])],
  ['crit with an unknown label', header([2, [scheme, 99]], [99, 1])],
  ['crit with a name that is absent', header([2, [scheme, expiry]])],
  ['a plugin', header([2, [scheme, 'io.cncf.notary.verificationPlugin']], ['io.cncf.notary.verificationPlugin', 'x'])],
  ['an expiry that is not critical', header([expiry, epoch(4_000_000_000)])],
  ['an expiry without its tag', header([2, [scheme, expiry]], [expiry, 4_000_000_000])],
  ['an expiry that is text', header([2, [scheme, expiry]], [expiry, '2049-01-01T00:00:00Z'])],
  ['an expiry beyond the calendar', header([2, [scheme, expiry]], [expiry, epoch(9_000_000_000_000_000n)])],
  ['a time with a fraction', header(['io.cncf.notary.signingTime', epoch(1_768_471_200.5)])],
  ['no signing time', header(['io.cncf.notary.signingTime', undefined])],
  ['the time of the other scheme', header(['io.cncf.notary.authenticSigningTime', epoch(1_768_471_200)])],
  ['an unknown scheme', header([scheme, 'x'])],
  ['another payload type', header([3, 'application/json'])],
  ['a payload type that is a number', header([3, 50])],
  ['a detached payload', { payload: null }],
  ['an empty payload', { payload: new Uint8Array() }],
  ['no certificates', unprotected([33, undefined])],
  ['one certificate that is not in an array', unprotected([33, Uint8Array.from(signer.chain[0].der)])],
  ['a certificate that is text', unprotected([33, ['x']])],
  ['a timestamp that is text', unprotected(['io.cncf.notary.timestampSignature', 'x'])],
  ['a signed attribute outside of the signature as well', unprotected([scheme, 'notary.x509'])],
  ['an attribute in both headers', { header: new Map([[99, 1]]), unprotected: new Map([[99, 1]]) }],
  ['a fraction anywhere', header([99, 1.5])],
  ['no tag', { tag: null }],
  ['the tag of another message', { tag: 98 }],
  [
    'a key twice',
    { protectedBytes: (honest) => Uint8Array.of((honest[0] ?? 0) + 1, ...honest.subarray(1), 0x01, 0x26) },
  ],
  [
    'a number that is longer than it has to be',
    { protectedBytes: (honest) => Uint8Array.of(0xb8, (honest[0] ?? 0) & 31, ...honest.subarray(1)) },
  ],
  ['a map without an end', { protectedBytes: (honest) => Uint8Array.of(0xbf, ...honest.subarray(1), 0xff) }],
  ['something behind the header', { protectedBytes: (honest) => Uint8Array.of(...honest, 0x00) }],
  ['a header that is a list', { protectedBytes: () => Uint8Array.of(0x80) }],
  ['an empty header', { protectedBytes: () => new Uint8Array() }],
]

test.each(LIES)('rejects %s', async (_what, options) => {
  expect(await codeOf(() => open())).toBeUndefined()
  expect(await codeOf(() => open(options))).toBe('ATTESTOR_SIGNATURE_INVALID')
})

const nested = (depth: number): Uint8Array => Uint8Array.from([...Array.from({ length: depth }, () => 0x81), 0x00])
test.each([
  ['nesting', nested(1000)],
  ['a list that claims four billion items', Uint8Array.of(0xd2, 0x9a, 0xff, 0xff, 0xff, 0xff)],
  ['a string that claims an exabyte', Uint8Array.of(0xd2, 0x84, 0x5b, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
  ['a million items', Uint8Array.from([0xd2, 0x9a, 0x00, 0x0f, 0x42, 0x40, ...new Uint8Array(1_000_000)])],
  ['nothing', new Uint8Array()],
  ['three parts', Uint8Array.from(encode([1, 2, 3]))],
])('rejects %s quickly', async (_what, bytes) => {
  const start = performance.now()
  expect(await codeOf(() => openWith(COSE, bytes))).toBe('ATTESTOR_SIGNATURE_INVALID')
  expect(performance.now() - start).toBeLessThan(500)
})

test('rejects COSE with the media type of JWS', async () => {
  expect(await codeOf(() => openWith(JWS, makeCose(signer)))).toBe('ATTESTOR_SIGNATURE_INVALID')
})
