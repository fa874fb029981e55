import { der, makeCertificate, makeKeyPair } from '@verify-images/testing/internal'
import type { CertificateTemplate } from '@verify-images/testing/internal'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeOf } from '../testing/code-of.ts'
import { NOW, makeAnswer } from '../testing/revocation-world.ts'
import type { AnswerOptions, Issuer } from '../testing/revocation-world.ts'
import { makeAuthority, parsed } from '../testing/signing-world.ts'
import { readOcspResponse } from './ocsp-response.ts'

const issuer = makeAuthority()
const stranger = makeAuthority('stranger')
const namesake = makeAuthority()
const [certificate, root] = parsed(...issuer.signer({ serialNumber: 4711n }).chain)
if (!root) throw new Error('no root')
const request = { certificate, issuer: root, now: NOW }
const read = (options: AnswerOptions = {}, signedAt?: Date): Promise<string> =>
  readOcspResponse(makeAnswer(issuer, 4711n, options), { ...request, ...(signedAt && { signedAt }) })

function delegate(template: Partial<CertificateTemplate> = {}, by: Issuer = issuer): Issuer {
  const key = makeKeyPair()
  const issued = makeCertificate({
    subject: 'responder',
    issuer: { name: by.certificate.name, key: by.key },
    extendedKeyUsage: ['1.3.6.1.5.5.7.3.9'],
    keyUsage: ['digitalSignature'],
    ...template,
    key,
  })
  return { certificate: issued, key }
}
const delegated = (responder: Issuer, options: AnswerOptions = {}): AnswerOptions => ({
  by: responder,
  certificates: [responder.certificate],
  ...options,
})

test('reads good and revoked, by name or by key, signed by the issuer or a certified responder', async () => {
  expect(await read()).toBe('good')
  expect(await read({ status: 'revoked' })).toBe('revoked')
  expect(await read({ namedBy: 'key' })).toBe('good')
  expect(await read(delegated(delegate()))).toBe('good')
  expect(await read(delegated(delegate(), { namedBy: 'key', status: 'revoked' }))).toBe('revoked')
})

const invalidity = (time: string): AnswerOptions => ({
  status: 'revoked',
  singleExtensions: [{ oid: '2.5.29.24', value: der.generalizedTime(new Date(time)) }],
})
test('a revocation with a later invalidity date does not affect an earlier signature of a vouched-for time', async () => {
  expect(await read(invalidity('2026-05-01T00:00:00Z'), new Date('2026-04-30T00:00:00Z'))).toBe('good')
  expect(await read(invalidity('2026-05-01T00:00:00Z'), new Date('2026-05-01T00:00:00Z'))).toBe('revoked')
  expect(await read(invalidity('2026-05-01T00:00:00Z'))).toBe('revoked')
})

const LIES: readonly (readonly [what: string, options: AnswerOptions])[] = [
  ['about which the responder knows nothing', { status: 'unknown' }],
  ['that is only an error', { responseStatus: 3 }],
  ['about another certificate', { serialNumber: 4712n }],
  ['about a certificate of another issuer', { nameHash: new Uint8Array(20) }],
  ['that is there twice', { responses: 2 }],
  ['signed by a stranger', { by: stranger }],
  ['signed by a stranger in the name of the issuer', { by: namesake }],
  ['signed by the issuer in the name of another', { named: stranger }],
  ['signed by a responder of a stranger', delegated(delegate({}, stranger))],
  ['signed by a responder of a namesake of the issuer', delegated(delegate({}, namesake))],
  ['signed by a certificate that is not for answers', delegated(delegate({ extendedKeyUsage: ['1.3.6.1.5.5.7.3.3'] }))],
  ['signed by a certificate that is for everything', delegated(delegate({ extendedKeyUsage: ['2.5.29.37.0'] }))],
  ['signed by a certificate whose key does not sign', delegated(delegate({ keyUsage: ['keyEncipherment'] }))],
  ['signed by an expired certificate', delegated(delegate({ notAfter: new Date('2026-05-01T00:00:00Z') }))],
  ['signed by a certificate that it does not bring', { by: delegate() }],
  ['that held until yesterday', { nextUpdate: new Date('2026-05-31T23:59:59Z') }],
  ['that does not say until when it holds', { nextUpdate: null }],
  ['from tomorrow', { thisUpdate: new Date('2026-06-02T00:00:00Z') }],
  ['made tomorrow', { producedAt: new Date('2026-06-02T00:00:00Z') }],
  [
    'with the nonce of another request',
    { extensions: [{ oid: '1.3.6.1.5.5.7.48.1.2', value: Uint8Array.of(4, 1, 7) }] },
  ],
  ['with a critical extension', { extensions: [{ oid: '1.2.3', critical: true, value: Uint8Array.of(5, 0) }] }],
  [
    'with a critical extension of the one response',
    { singleExtensions: [{ oid: '1.2.3', critical: true, value: Uint8Array.of(5, 0) }] },
  ],
]
test.each(LIES)('the status is unknown from a response %s', async (_what, options) => {
  expect(await codeOf(() => read())).toBeUndefined()
  expect(await codeOf(() => read(options))).toBe('ATTESTOR_REVOCATION_UNKNOWN')
})

test('no changed byte makes a revoked certificate good, or throws another error', async () => {
  const revoked = makeAnswer(issuer, 4711n, { status: 'revoked' })
  await fc.assert(
    fc.asyncProperty(fc.nat(revoked.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const bytes = revoked.map((octet, i) => (i === at ? octet ^ change : octet))
      let status: string | undefined
      const code = await codeOf(async () => (status = await readOcspResponse(bytes, request)))
      expect(status).not.toBe('good')
      expect([undefined, 'ATTESTOR_REVOCATION_UNKNOWN']).toContain(code)
    }),
  )
  for (const bytes of [new Uint8Array(), Buffer.from('<html>'), revoked.subarray(0, 100)]) {
    expect(await codeOf(() => readOcspResponse(bytes, request))).toBe('ATTESTOR_REVOCATION_UNKNOWN')
  }
})
