import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { createIssuingAuthority, notaryName } from '../authorities/certificate-authority.ts'
import { createSigningKey } from '../signing-key.ts'
import { createTlsCertificate } from '../tls-certificate.ts'
import { der } from './der-writer.ts'
import { makeKeyPair, type KeyType } from './key-pair.ts'
import { commonName, generalName, makeCertificate } from './make-certificate.ts'

// Everything is read back by OpenSSL, which shares no code with the writer.

test.each<KeyType>(['P-256', 'P-384', 'P-521', 'rsa', 'ed25519'])(
  'makes a self-signed certificate with a %s key that OpenSSL verifies',
  (type) => {
    const key = makeKeyPair(type)
    const certificate = new X509Certificate(makeCertificate({ subject: 'root', key, ca: true }).der)
    expect(certificate.verify(key.publicKey)).toBe(true)
    expect(certificate.verify(makeKeyPair(type).publicKey)).toBe(false)
    expect(certificate.publicKey.equals(key.publicKey)).toBe(true)
  },
)

test('writes the fields of the template', () => {
  const { pem, name } = makeCertificate({
    subject: 'signer',
    key: makeKeyPair(),
    serialNumber: 0x1234n,
    notBefore: new Date('2026-01-02T03:04:05Z'),
    notAfter: new Date('2051-06-07T08:09:10Z'),
    extendedKeyUsage: ['1.3.6.1.5.5.7.3.3', '1.3.6.1.5.5.7.3.8'],
    subjectAltNames: [
      generalName.dns('a.example'),
      generalName.email('a@b.example'),
      generalName.uri('https://c.example/d'),
      generalName.ip(127, 0, 0, 1),
    ],
  })
  const certificate = new X509Certificate(pem)
  expect(certificate).toMatchObject({
    subject: 'CN=signer',
    issuer: 'CN=signer',
    serialNumber: '1234',
    validFromDate: new Date('2026-01-02T03:04:05Z'),
    validToDate: new Date('2051-06-07T08:09:10Z'),
    keyUsage: ['1.3.6.1.5.5.7.3.3', '1.3.6.1.5.5.7.3.8'],
    subjectAltName: 'DNS:a.example, email:a@b.example, URI:https://c.example/d, IP Address:127.0.0.1',
    ca: false,
  })
  expect(name).toEqual(commonName('signer'))
})

test('writes the key usage as a named bit list without trailing zeros', () => {
  const usageOf = (...keyUsage: Parameters<typeof makeCertificate>[0]['keyUsage'] & object): string =>
    Buffer.from(makeCertificate({ subject: 'a', key: makeKeyPair(), keyUsage }).der).toString('hex')
  const extension = (bits: string): string => `0603551d0f0101ff04${bits}`
  expect(usageOf('digitalSignature')).toContain(extension('0403020780'))
  expect(usageOf('keyCertSign', 'cRLSign')).toContain(extension('0403020106'))
  expect(usageOf('decipherOnly')).toContain(extension('050303070080'))
})

test('writes an extension even if it contradicts the rest of the template', () => {
  const extension = { oid: '2.5.29.19', critical: true, value: der.sequence(der.boolean(true)) }
  const template = { subject: 'a', key: makeKeyPair(), keyUsage: ['digitalSignature'] as const }
  expect(new X509Certificate(makeCertificate(template).der).ca).toBe(false)
  // OpenSSL regards a CA without keyCertSign as none, so the key usage must go as well.
  const changed = makeCertificate({ ...template, keyUsage: undefined, extensions: [extension] })
  expect(new X509Certificate(changed.der).ca).toBe(true)
})

test('issues chains in which each certificate is signed by the next one', () => {
  const key = createSigningKey('P-384')
  const { leaf, issuers } = createIssuingAuthority('acme').issue(key, {
    subject: notaryName('acme', 'release'),
    notBefore: new Date('2026-01-01'),
    notAfter: new Date('2027-01-01'),
  })
  const [first, intermediate, root] = [leaf, ...issuers].map((certificate) => new X509Certificate(certificate.der))
  if (!first || !intermediate || !root) throw new Error('expected three certificates')
  expect(first.subject).toBe('C=US\nST=WA\nO=acme\nCN=release')
  expect(first.publicKey.export({ type: 'spki', format: 'der' }).equals(key.spki)).toBe(true)
  for (const [certificate, issuer] of [
    [first, intermediate],
    [intermediate, root],
    [root, root],
  ] as const) {
    expect(certificate.checkIssued(issuer)).toBe(true)
    expect(certificate.verify(issuer.publicKey)).toBe(true)
  }
  expect(first.verify(root.publicKey)).toBe(false)
  expect([first.ca, intermediate.ca, root.ca]).toEqual([false, true, true])
})

test('creates TLS certificates for a host name and for an address', () => {
  const { key, cert } = createTlsCertificate({ host: 'registry.test', notAfter: new Date('2026-12-01') })
  const named = new X509Certificate(cert)
  expect(named.checkHost('registry.test')).toBe('registry.test')
  expect(named.checkHost('other.test')).toBeUndefined()
  expect(named.validToDate).toEqual(new Date('2026-12-01'))
  expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  const addressed = new X509Certificate(createTlsCertificate({ host: '127.0.0.1' }).cert)
  expect(addressed.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(addressed.checkIP('127.0.0.2')).toBeUndefined()
})
