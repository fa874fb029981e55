import { NOTARY_PAYLOAD_TYPE } from '@verify-images/testing/internal'
import { expect, test } from 'vitest'
import { testWork } from '@verify-images/testing/internal'
import { codeOf } from '../testing/code-of.ts'
import { JWS, makeAuthority, makeJws, payloadOf } from '../testing/signing-world.ts'
import type { JwsOptions } from '../testing/signing-world.ts'
import type { Envelope } from './envelope.ts'
import { openEnvelope } from './open-envelope.ts'

const openWith = (mediaType: string, bytes: Uint8Array): Promise<Envelope> => openEnvelope(mediaType, bytes, testWork())
const authority = makeAuthority()
const signer = authority.signer()
const other = authority.signer()
const open = (options: JwsOptions = {}): Promise<unknown> => openWith(JWS, makeJws(signer, options))

test.each(['P-256', 'P-384', 'P-521', 'rsa'] as const)('opens what a key of kind %s signed', async (kind) => {
  const envelope = await openWith(JWS, makeJws(authority.signer({}, kind)))
  expect(Buffer.from(envelope.payload).toString()).toBe(payloadOf())
  expect(envelope.attributes).toEqual({
    contentType: NOTARY_PAYLOAD_TYPE,
    signingScheme: 'notary.x509',
    signingTime: new Date('2026-01-15T10:00:00Z'),
  })
})

test('reads expiry and authentic signing time if they are critical', async () => {
  const scheme = 'io.cncf.notary.signingScheme'
  const envelope = await openWith(
    JWS,
    makeJws(signer, {
      header: {
        crit: [scheme, 'io.cncf.notary.expiry', 'io.cncf.notary.authenticSigningTime'],
        [scheme]: 'notary.x509.signingAuthority',
        'io.cncf.notary.signingTime': undefined,
        'io.cncf.notary.authenticSigningTime': '2026-02-01T00:00:00+01:00',
        'io.cncf.notary.expiry': '2027-01-01T00:00:00Z',
      },
    }),
  )
  expect(envelope.attributes).toMatchObject({
    signingScheme: 'notary.x509.signingAuthority',
    signingTime: new Date('2026-01-31T23:00:00Z'),
    expiry: new Date('2027-01-01T00:00:00Z'),
  })
})

const scheme = 'io.cncf.notary.signingScheme'
const LIES: readonly (readonly [what: string, options: JwsOptions])[] = [
  ['another key', { key: other.key }],
  ['alg none', { header: { alg: 'none' } }],
  ['alg HS256', { header: { alg: 'HS256' } }],
  ['alg of another curve', { header: { alg: 'ES384' } }],
  ['alg missing', { header: { alg: undefined } }],
  ['alg outside of the signature', { header: { alg: undefined }, unprotected: { alg: 'ES256' } }],
  ['an unencoded payload', { header: { b64: false, crit: [scheme, 'b64'] } }],
  ['no crit', { header: { crit: undefined } }],
  ['crit outside of the signature', { header: { crit: undefined }, unprotected: { crit: [scheme] } }],
  ['empty crit', { header: { crit: [] } }],
  ['crit that is not an array', { header: { crit: scheme } }],
  ['crit with a name twice', { header: { crit: [scheme, scheme] } }],
  ['crit with a number', { header: { crit: [scheme, 1] } }],
  ['crit without the scheme', { header: { crit: ['x'], x: 1 } }],
  ['crit with a name that is absent', { header: { crit: [scheme, 'io.cncf.notary.expiry'] } }],
  ['crit with an unknown name', { header: { crit: [scheme, 'com.example'], 'com.example': 1 } }],
  ['crit with a name of every object', { header: { crit: [scheme, 'toString'] } }],
  [
    'a plugin',
    { header: { crit: [scheme, 'io.cncf.notary.verificationPlugin'], 'io.cncf.notary.verificationPlugin': 'x' } },
  ],
  ['a plugin that is not critical', { header: { 'io.cncf.notary.verificationPlugin': 'x' } }],
  ['an expiry that is not critical', { header: { 'io.cncf.notary.expiry': '2049-01-01T00:00:00Z' } }],
  ['an expiry of null', { header: { crit: [scheme, 'io.cncf.notary.expiry'], 'io.cncf.notary.expiry': null } }],
  [
    'an expiry before signing',
    { header: { crit: [scheme, 'io.cncf.notary.expiry'], 'io.cncf.notary.expiry': '2026-01-15T10:00:00Z' } },
  ],
  ['an unknown scheme', { header: { [scheme]: 'notary.x509.other' } }],
  ['no scheme', { header: { [scheme]: undefined } }],
  ['the time of the other scheme', { header: { 'io.cncf.notary.authenticSigningTime': '2026-01-15T10:00:00Z' } }],
  [
    'an authentic time that is not critical',
    {
      header: {
        [scheme]: 'notary.x509.signingAuthority',
        'io.cncf.notary.signingTime': undefined,
        'io.cncf.notary.authenticSigningTime': '2026-01-15T10:00:00Z',
      },
    },
  ],
  ['no signing time', { header: { 'io.cncf.notary.signingTime': undefined } }],
  ['an invalid signing time', { header: { 'io.cncf.notary.signingTime': '2026-02-30T10:00:00Z' } }],
  ['another payload type', { header: { cty: 'application/json' } }],
  ['no payload type', { header: { cty: undefined } }],
  ['an empty payload', { payload: '' }],
  ['no certificates', { unprotected: { x5c: [] } }],
  ['certificates that are not an array', { unprotected: { x5c: 'x' } }],
  [
    'a certificate in another Base64',
    { unprotected: { x5c: signer.chain.map((one) => `${Buffer.from(one.der).toString('base64')} `) } },
  ],
  ['a signed attribute outside of the signature as well', { unprotected: { [scheme]: 'notary.x509' } }],
  ['a general JWS', { finish: ({ payload, ...signature }) => ({ payload, signatures: [signature] }) }],
  ['signatures beside its own', { finish: (document) => ({ ...document, signatures: [] }) }],
  [
    'a compact JWS',
    {
      finish: (document) =>
        `${String(document['protected'])}.${String(document['payload'])}.${String(document['signature'])}`,
    },
  ],
  [
    'another payload behind the first',
    { finish: (document) => JSON.stringify(document).replace('{', '{"payload":"e30",') },
  ],
  ['a payload by another case', { finish: (document) => ({ ...document, Payload: 'e30' }) }],
  [
    'a signature with padding',
    { finish: (document) => ({ ...document, signature: `${String(document['signature'])}==` }) },
  ],
  [
    'a signature with unused bits',
    {
      finish: (document) => ({
        ...document,
        signature: `${String(document['signature']).slice(0, -1)}${String(document['signature']).endsWith('B') ? 'C' : 'B'}`,
      }),
    },
  ],
  ['an empty signature', { finish: (document) => ({ ...document, signature: '' }) }],
  ['another payload', { finish: (document) => ({ ...document, payload: Buffer.from('{}').toString('base64url') }) }],
  ['a timestamp that is not a string', { unprotected: { 'io.cncf.notary.timestampSignature': 1 } }],
]

test.each(LIES)('rejects %s', async (_what, options) => {
  expect(await codeOf(() => open())).toBeUndefined()
  expect(await codeOf(() => open(options))).toBe('ATTESTOR_SIGNATURE_INVALID')
})

test('parses an envelope only as its media type', async () => {
  const bytes = makeJws(signer)
  expect(await codeOf(() => openWith(JWS, bytes))).toBeUndefined()
  for (const type of ['application/cose', 'application/json', 'APPLICATION/JOSE+JSON', '']) {
    expect(await codeOf(() => openWith(type, bytes))).toBe('ATTESTOR_SIGNATURE_INVALID')
  }
})

test('ignores unknown unsigned attributes', async () => {
  expect(
    await codeOf(() =>
      open({
        unprotected: { 'io.cncf.notary.signingAgent': 7, x: {} },
        finish: (document) => ({ ...document, more: 1 }),
      }),
    ),
  ).toBeUndefined()
})
