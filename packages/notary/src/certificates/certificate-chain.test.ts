import { makeCertificate, makeKeyPair } from '@verify-images/testing/internal'
import type { CertificateTemplate } from '@verify-images/testing/internal'
import { expect, test } from 'vitest'
import { codeOf } from '../testing/code-of.ts'
import { testWork } from '@verify-images/testing/internal'
import { makeAuthority, makeLeaf, makeOddKey, parsed } from '../testing/signing-world.ts'
import { checkCertificateChain } from './certificate-chain.ts'

const root = makeAuthority()
const leaf = (template: Partial<CertificateTemplate> = {}): Promise<string | undefined> =>
  codeOf(() => checkCertificateChain(parsed(...root.signer(template).chain), 'codeSigning', testWork()))

test('accepts a signer under a root, through an intermediate, and a self-signed signer', async () => {
  expect(await leaf()).toBeUndefined()
  const middleKey = makeKeyPair()
  const middle = makeCertificate({
    subject: 'middle',
    key: middleKey,
    issuer: { name: root.certificate.name, key: root.key },
    ca: { pathLength: 0 },
    keyUsage: ['keyCertSign'],
  })
  const chain = parsed(makeLeaf(makeKeyPair(), { name: middle.name, key: middleKey }), middle, root.certificate)
  expect(await codeOf(() => checkCertificateChain(chain, 'codeSigning', testWork()))).toBeUndefined()
  expect(
    await codeOf(() => checkCertificateChain(parsed(makeLeaf(makeKeyPair(), undefined)), 'codeSigning', testWork())),
  ).toBeUndefined()
})

const LEAVES: readonly (readonly [what: string, template: Partial<CertificateTemplate>])[] = [
  ['that is an authority', { ca: true }],
  ['whose key may sign certificates', { keyUsage: ['digitalSignature', 'keyCertSign'] }],
  ['whose key is for encryption as well', { keyUsage: ['digitalSignature', 'keyEncipherment'] }],
  ['whose key is for commitments only', { keyUsage: ['contentCommitment'] }],
  ['that is for web servers', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.3', '1.3.6.1.5.5.7.3.1'] }],
  ['that is for web clients', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'] }],
  ['that is for e-mail', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.4'] }],
  ['that is for time stamping', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.8'] }],
  ['that is for OCSP', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.9'] }],
  ['that is for everything', { extendedKeyUsage: ['2.5.29.37.0'] }],
]
test.each(LEAVES)('refuses a signer %s', async (_what, template) => {
  expect(await leaf()).toBeUndefined()
  expect(await leaf(template)).toBe('ATTESTOR_CERTIFICATE_INVALID')
})

test('accepts a signer without extended key usages, or with any that are not forbidden', async () => {
  const key = makeKeyPair()
  const issuer = { name: root.certificate.name, key: root.key }
  const bare = makeCertificate({ subject: 'bare', key, issuer, keyUsage: ['digitalSignature'] })
  expect(
    await codeOf(() => checkCertificateChain(parsed(bare, root.certificate), 'codeSigning', testWork())),
  ).toBeUndefined()
  expect(await leaf({ extendedKeyUsage: ['1.3.6.1.4.1.311.10.3.13'] })).toBeUndefined()
  const none = makeCertificate({ subject: 'none', key, issuer })
  expect(await codeOf(() => checkCertificateChain(parsed(none, root.certificate), 'codeSigning', testWork()))).toBe(
    'ATTESTOR_CERTIFICATE_INVALID',
  )
})

test('rejects a key usage that is not critical', async () => {
  const usage = (critical: boolean): Partial<CertificateTemplate> => ({
    keyUsage: undefined as never,
    extensions: [{ oid: '2.5.29.15', critical, value: Uint8Array.of(3, 2, 7, 0x80) }],
  })
  expect(await leaf(usage(true))).toBeUndefined()
  expect(await leaf(usage(false))).toBe('ATTESTOR_CERTIFICATE_INVALID')
})

test('rejects keys of a size without an algorithm', async () => {
  const key = makeOddKey()
  const odd = makeLeaf(key, { name: root.certificate.name, key: root.key })
  expect(await codeOf(() => checkCertificateChain(parsed(odd, root.certificate), 'codeSigning', testWork()))).toBe(
    'ATTESTOR_SIGNATURE_INVALID',
  )
})

const ROOTS: readonly (readonly [what: string, template: Partial<CertificateTemplate>])[] = [
  ['that is not a CA', { ca: false }],
  ['that may not sign certificates', { keyUsage: ['cRLSign'] }],
  [
    'with basic constraints that are not critical',
    { ca: undefined as never, extensions: [{ oid: '2.5.29.19', value: Uint8Array.of(0x30, 3, 1, 1, 0xff) }] },
  ],
]
test.each(ROOTS)('refuses a root %s', async (_what, template) => {
  expect(
    await codeOf(() =>
      checkCertificateChain(parsed(...makeAuthority('root').signer().chain), 'codeSigning', testWork()),
    ),
  ).toBeUndefined()
  expect(
    await codeOf(() =>
      checkCertificateChain(parsed(...makeAuthority('root', template).signer().chain), 'codeSigning', testWork()),
    ),
  ).toBe('ATTESTOR_CERTIFICATE_INVALID')
})

test('rejects more CAs than a path length allows', async () => {
  const chainUnder = (pathLength: number): Parameters<typeof checkCertificateChain>[0] => {
    const top = makeAuthority('top', { ca: { pathLength } })
    const middleKey = makeKeyPair()
    const middle = makeCertificate({
      subject: 'middle',
      key: middleKey,
      issuer: { name: top.certificate.name, key: top.key },
      ca: true,
      keyUsage: ['keyCertSign'],
    })
    return parsed(makeLeaf(makeKeyPair(), { name: middle.name, key: middleKey }), middle, top.certificate)
  }
  expect(await codeOf(() => checkCertificateChain(chainUnder(1), 'codeSigning', testWork()))).toBeUndefined()
  expect(await codeOf(() => checkCertificateChain(chainUnder(0), 'codeSigning', testWork()))).toBe(
    'ATTESTOR_CERTIFICATE_INVALID',
  )
})

test('rejects chains in another order, with unrelated certificates, without a root or with two', async () => {
  const {
    chain: [signer],
  } = root.signer()
  const stranger = makeAuthority('stranger').certificate
  const namesake = makeAuthority().certificate
  for (const chain of [
    [root.certificate, signer],
    [signer, stranger],
    [signer, namesake],
    [signer],
    [signer, root.certificate, root.certificate],
    [signer, root.certificate, stranger],
  ]) {
    expect(await codeOf(() => checkCertificateChain(parsed(...chain), 'codeSigning', testWork()))).toBe(
      'ATTESTOR_CERTIFICATE_INVALID',
    )
  }
  expect(
    await codeOf(() => checkCertificateChain(parsed(signer, root.certificate), 'codeSigning', testWork())),
  ).toBeUndefined()
})
