import { X509Certificate, createHash, generateKeyPairSync } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Certificate } from './certificate.ts'
import { CertificateError } from './certificate-error.ts'
import { parseCertificate, parseCertificates } from './parse-certificate.ts'
import { der, toPem } from '@verify-images/testing/internal'
import { makeKeyPair, withKeys } from '@verify-images/testing/internal'
import { commonName, generalName, makeCertificate } from '@verify-images/testing/internal'
import type { CertificateTemplate, ExtensionTemplate } from '@verify-images/testing/internal'

const trust = new URL('../../../conformance/corpus/registry/trust/', import.meta.url)
const key = makeKeyPair()
const issuerKey = makeKeyPair()
const issuer = { name: commonName('issuer'), key: issuerKey }

const parse = (template: Partial<CertificateTemplate> = {}): Certificate =>
  parseCertificate(makeCertificate({ subject: 'leaf', issuer, ...template, key }).der)
const refusal = (bytes: Uint8Array | string): string | undefined => {
  try {
    parseCertificate(bytes)
    return undefined
  } catch (error) {
    return error instanceof CertificateError ? error.code : `foreign: ${String(error)}`
  }
}
const refusalOf = (template: Partial<CertificateTemplate>): string | undefined =>
  refusal(makeCertificate({ subject: 'leaf', issuer, ...template, key }).der)
const extension = (
  oid: string,
  value: Uint8Array,
  critical = false,
): { readonly extensions: readonly ExtensionTemplate[] } => ({ extensions: [{ oid, value, critical }] })

test('agrees with OpenSSL on real certificates', () => {
  const files = ['ca', 'notation', 'sigstore-1', 'sigstore-2']
    .flatMap((folder) => readdirSync(new URL(folder, trust)).map((file) => `${folder}/${file}`))
    .filter((file) => file.endsWith('.pem'))
  for (const file of files) {
    for (const certificate of parseCertificates(readFileSync(new URL(file, trust), 'utf8'))) {
      const reference = new X509Certificate(certificate.raw)
      expect(certificate.fingerprint).toBe(reference.fingerprint256.replaceAll(':', '').toLowerCase())
      expect(certificate.serialNumber).toBe(BigInt(`0x${reference.serialNumber}`))
      expect(certificate.notBefore.getTime()).toBe(reference.validFromDate.getTime())
      expect(certificate.notAfter.getTime()).toBe(reference.validToDate.getTime())
      expect(certificate.basicConstraints?.isCa ?? false).toBe(reference.ca)
      expect(certificate.extendedKeyUsage).toEqual(reference.keyUsage)
      expect(certificate.subject.text.split(',').reverse().join('\n')).toBe(reference.subject)
      expect(certificate.publicKey.keyObject.equals(reference.publicKey)).toBe(true)
    }
  }
  expect(files.length).toBeGreaterThan(20)
})

test('reads the fields of a certificate', () => {
  const certificate = parse({
    ca: { pathLength: 3 },
    keyUsage: ['digitalSignature', 'cRLSign', 'decipherOnly'],
    extendedKeyUsage: ['1.3.6.1.5.5.7.3.3', '1.2.3'],
    serialNumber: 2n ** 100n,
    extensions: [
      { oid: '2.5.29.14', value: der.octetString(Uint8Array.of(1, 2)) },
      { oid: '2.5.29.35', value: der.sequence(der.context(0, 'primitive', Uint8Array.of(3, 4))) },
      {
        oid: '2.5.29.31',
        value: der.sequence(
          der.sequence(
            der.context(0, 'constructed', der.context(0, 'constructed', generalName.uri('http://crl.test/1'))),
          ),
        ),
      },
      {
        oid: '1.3.6.1.5.5.7.1.1',
        value: der.sequence(
          der.sequence(der.oid('1.3.6.1.5.5.7.48.1'), generalName.uri('http://ocsp.test')),
          der.sequence(der.oid('1.3.6.1.5.5.7.48.2'), generalName.uri('http://ca.test')),
        ),
      },
      { oid: '1.2.3.4', value: Uint8Array.of(0xff) },
    ],
  })
  expect(certificate).toMatchObject({
    serialNumber: 2n ** 100n,
    isSelfIssued: false,
    signatureAlgorithm: 'ecdsa-sha256',
    basicConstraints: { isCa: true, pathLength: 3 },
    extendedKeyUsage: ['1.3.6.1.5.5.7.3.3', '1.2.3'],
    crlUrls: ['http://crl.test/1'],
    ocspUrls: ['http://ocsp.test'],
    issuerUrls: ['http://ca.test'],
    unhandledCriticalExtensions: [],
    subjectAltNames: [],
  })
  expect([...(certificate.keyUsage ?? [])]).toEqual(['digitalSignature', 'cRLSign', 'decipherOnly'])
  expect([...(certificate.subjectKeyId ?? [])]).toEqual([1, 2])
  expect([...(certificate.authorityKeyId ?? [])]).toEqual([3, 4])
  expect([...(certificate.extensions.get('1.2.3.4')?.value ?? [])]).toEqual([0xff])
  expect(certificate.extensions.get('constructor')).toBeUndefined()
})

test("keeps names of different kinds apart, in Go's order", () => {
  const { subjectAltNames } = parse({
    subjectAltNames: [
      generalName.other('1.3.6.1.4.1.57264.1.7', der.utf8('user@example.com')),
      generalName.directory(commonName('user@example.com')),
      generalName.uri('https://example.com/x'),
      generalName.ip(117, 115, 101, 114),
      generalName.email('b@example.com'),
      generalName.dns('user@example.com'),
      generalName.email('a@example.com'),
      der.context(8, 'primitive', Uint8Array.of(0x2a)),
    ],
  })
  expect(subjectAltNames.map((name) => [name.kind, 'text' in name ? name.text : undefined])).toEqual([
    ['dns', 'user@example.com'],
    ['email', 'b@example.com'],
    ['email', 'a@example.com'],
    ['ip', '117.115.101.114'],
    ['uri', 'https://example.com/x'],
    ['other', 'user@example.com'],
    ['directory', undefined],
    ['unsupported', undefined],
  ])
  expect(subjectAltNames.find(({ kind }) => kind === 'other')).toMatchObject({ oid: '1.3.6.1.4.1.57264.1.7' })
})

test('reads version 1, which has no extensions and is not a CA', () => {
  const first = parse({ version: 1 })
  expect(first).toMatchObject({ subjectAltNames: [], unhandledCriticalExtensions: [] })
  expect([first.basicConstraints, first.keyUsage, first.extendedKeyUsage, first.extensions.size]).toEqual([
    ...[undefined, undefined, undefined, 0],
  ])
})

test('lists the critical extensions that it does not support', () => {
  const { unhandledCriticalExtensions } = parse({
    extensions: [
      { oid: '1.3.6.1.4.1.11129.2.4.3', critical: true, value: der.null() },
      { oid: '2.5.29.36', critical: true, value: der.sequence(der.context(0, 'primitive', Uint8Array.of(0))) },
      { oid: '2.5.29.32', critical: true, value: der.sequence(der.sequence(der.oid('1.2.3'))) },
      { oid: '1.2.3', value: der.null() },
    ],
  })
  expect(unhandledCriticalExtensions).toEqual(['1.3.6.1.4.1.11129.2.4.3', '2.5.29.36'])
})

test.each<[string, Partial<CertificateTemplate>]>([
  ['version 1 with extensions', { version: 1, keyUsage: ['digitalSignature'] }],
  ['version 2', { version: 2 }],
  ['version 4', { version: 4 }],
  ['a negative serial number', { serialNumber: -1n }],
  ['a serial number of 22 octets', { serialNumber: 2n ** 170n }],
  [
    'an extension that occurs twice',
    {
      subjectAltNames: [generalName.email('a@b.c')],
      extensions: [{ oid: '2.5.29.17', value: der.sequence(generalName.email('e@v.il')) }],
    },
  ],
  [
    'an unknown extension that occurs twice',
    {
      extensions: [
        { oid: '1.2.3', value: der.null() },
        { oid: '1.2.3', value: der.null() },
      ],
    },
  ],
  ['key usage without any bit', { keyUsage: [] }],
  ['an empty list of extended usages', { extendedKeyUsage: [] }],
  ['an empty list of names', { subjectAltNames: [] }],
  ['a path length without being an authority', extension('2.5.29.19', der.sequence(der.integer(0)))],
  ['a negative path length', extension('2.5.29.19', der.sequence(der.boolean(true), der.integer(-1)))],
  ['a path length beyond any chain', extension('2.5.29.19', der.sequence(der.boolean(true), der.integer(2n ** 40n)))],
  [
    'more in basic constraints',
    extension('2.5.29.19', der.sequence(der.boolean(true), der.integer(1), der.integer(1))),
  ],
  ['a critical key identifier', extension('2.5.29.14', der.octetString(Uint8Array.of(1)), true)],
  [
    'a policy that occurs twice',
    extension('2.5.29.32', der.sequence(der.sequence(der.oid('1.2.3')), der.sequence(der.oid('1.2.3')))),
  ],
  ['a URI name that is not a URI', { subjectAltNames: [generalName.uri('user@example.com')] }],
  ['an IP address of five octets', { subjectAltNames: [generalName.ip(1, 2, 3, 4, 5)] }],
  ['an e-mail address with a line break', { subjectAltNames: [generalName.email('a@b.c\nevil@e.v')] }],
  ['an e-mail address with a NUL', { subjectAltNames: [generalName.email('a@b.c\0.evil')] }],
  ['a name that is not ASCII', { subjectAltNames: [generalName.dns('exämple.com')] }],
  ['a name of no kind', { subjectAltNames: [der.context(9, 'primitive', Uint8Array.of(1))] }],
  ['a name that is not a GeneralName', { subjectAltNames: [der.ia5('a@b.c')] }],
  [
    'an attribute that is not a string',
    { subject: der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), der.integer(1)))) },
  ],
  ['an empty relative name', { subject: der.sequence(der.set()) }],
])('rejects %s', (_name, template) => {
  expect(refusalOf({})).toBeUndefined()
  expect(refusalOf(template)).toBe('CERTIFICATE_MALFORMED')
})

test.each<[string, Uint8Array, string]>([
  [
    'trailing data in the extension',
    Uint8Array.from([...der.sequence(generalName.email('a@b.c')), 0]),
    'CERTIFICATE_DER_INVALID',
  ],
  ['indefinite length in the extension', Uint8Array.from([0x30, 0x80, 0, 0]), 'CERTIFICATE_DER_INVALID'],
  ['an extension that is not a list', der.octetString(Uint8Array.of(1)), 'CERTIFICATE_MALFORMED'],
  ['201 names', der.sequence(...Array.from({ length: 201 }, () => generalName.dns('a'))), 'CERTIFICATE_LIMIT_EXCEEDED'],
])('rejects names with %s', (_name, value, code) => {
  expect(refusalOf(extension('2.5.29.17', value))).toBe(code)
})

describe('signature algorithms', () => {
  const made = (algorithm: Uint8Array, self = false): Uint8Array =>
    makeCertificate({
      subject: 'leaf',
      key,
      issuer: { name: commonName(self ? 'leaf' : 'issuer'), key: { ...issuerKey, algorithm } },
    }).der
  const identifier = (oid: string, ...parameters: readonly Uint8Array[]): Uint8Array =>
    der.sequence(der.oid(oid), ...parameters)
  const pss = (hash: string, maskHash: string, salt: number, ...rest: readonly Uint8Array[]): Uint8Array =>
    identifier(
      '1.2.840.113549.1.1.10',
      der.sequence(
        der.context(0, 'constructed', identifier(hash, der.null())),
        der.context(1, 'constructed', identifier('1.2.840.113549.1.1.8', identifier(maskHash, der.null()))),
        der.context(2, 'constructed', der.integer(salt)),
        ...rest,
      ),
    )
  const SHA1 = '1.3.14.3.2.26'
  const SHA256 = '2.16.840.1.101.3.4.2.1'
  const SHA384 = '2.16.840.1.101.3.4.2.2'

  test.each([
    ['RSA with SHA-256', identifier('1.2.840.113549.1.1.11', der.null()), 'rsa-pkcs1-sha256'],
    ['ECDSA with SHA-512', identifier('1.2.840.10045.4.3.4'), 'ecdsa-sha512'],
    ['Ed25519', identifier('1.3.101.112'), 'ed25519'],
    ['PSS with SHA-256', pss(SHA256, SHA256, 32), 'rsa-pss-sha256'],
    ['PSS with SHA-384', pss(SHA384, SHA384, 48, der.context(3, 'constructed', der.integer(1))), 'rsa-pss-sha384'],
  ])('reads %s', (_name, algorithm, expected) => {
    expect(parseCertificate(made(algorithm)).signatureAlgorithm).toBe(expected)
  })

  test.each([
    ['RSA with SHA-1', identifier('1.2.840.113549.1.1.5', der.null())],
    ['RSA with MD5', identifier('1.2.840.113549.1.1.4', der.null())],
    ['ECDSA with SHA-1', identifier('1.2.840.10045.4.1')],
    ['ECDSA with SHA-224', identifier('1.2.840.10045.4.3.1')],
    ['DSA', identifier('2.16.840.1.101.3.4.3.2')],
    ['an unassigned OID', identifier('1.2.840.113549.1.1.99', der.null())],
    ['ECDSA with parameters', identifier('1.2.840.10045.4.3.2', der.null())],
    ['Ed25519 with parameters', identifier('1.3.101.112', der.null())],
    ['RSA with other parameters', identifier('1.2.840.113549.1.1.11', der.integer(1))],
    ['PSS with its SHA-1 defaults', identifier('1.2.840.113549.1.1.10', der.sequence())],
    ['PSS without parameters', identifier('1.2.840.113549.1.1.10')],
    ['PSS with SHA-1', pss(SHA1, SHA1, 20)],
    ['PSS with another mask hash', pss(SHA256, SHA1, 32)],
    ['PSS with a short salt', pss(SHA256, SHA256, 20)],
    ['PSS with another trailer', pss(SHA256, SHA256, 32, der.context(3, 'constructed', der.integer(2)))],
  ])('rejects %s, except in a self-issued certificate whose signature is not needed', (_name, algorithm) => {
    expect(refusal(made(algorithm))).toBe('CERTIFICATE_ALGORITHM_REFUSED')
    expect(parseCertificate(made(algorithm, true)).signatureAlgorithm).toBeUndefined()
  })

  test('rejects a signature algorithm that differs from the one in the signed part', () => {
    const inner = identifier('1.2.840.10045.4.3.2')
    const good = made(inner)
    const at = Buffer.from(good).lastIndexOf(inner)
    expect(refusal(good)).toBeUndefined()
    expect(refusal(Uint8Array.from(good, (octet, i) => (i === at + inner.length - 1 ? 3 : octet)))).toBe(
      'CERTIFICATE_ALGORITHM_REFUSED',
    )
  })
})

test('rejects keys that are too weak', () => {
  for (const pair of [
    generateKeyPairSync('rsa', { modulusLength: 1024 }),
    generateKeyPairSync('ec', { namedCurve: 'secp224r1' }),
  ]) {
    const weak = { ...withKeys(pair.privateKey, pair.publicKey, 'sha256'), algorithm: key.algorithm }
    expect(refusal(makeCertificate({ subject: 'leaf', issuer, key: weak }).der)).toBe('CERTIFICATE_KEY_REFUSED')
  }
})

test('requires exactly one PEM block for one certificate', () => {
  const { pem } = makeCertificate({ subject: 'leaf', issuer, key })
  expect(parseCertificate(pem).subject.text).toBe('CN=leaf')
  expect(refusal(pem + pem)).toBe('CERTIFICATE_LIMIT_EXCEEDED')
  expect(refusal(toPem('TRUSTED CERTIFICATE', parseCertificate(pem).raw))).toBe('CERTIFICATE_PEM_INVALID')
  expect(parseCertificates(pem + pem)).toHaveLength(2)
  expect(() => parseCertificates(pem + toPem('CERTIFICATE', Uint8Array.of(0x30, 0)))).toThrow(
    expect.objectContaining({ code: 'CERTIFICATE_MALFORMED' }),
  )
})

test('copies its input', () => {
  const bytes = makeCertificate({ subject: 'leaf', issuer, key }).der
  const certificate = parseCertificate(bytes)
  const digest = createHash('sha256').update(bytes).digest('hex')
  bytes.fill(0)
  expect(createHash('sha256').update(certificate.raw).digest('hex')).toBe(digest)
})

test('ends quickly on hostile DER', () => {
  const started = performance.now()
  expect(refusal(Uint8Array.from([0x30, 0x85, 1, 0, 0, 0, 0]))).toBe('CERTIFICATE_DER_INVALID')
  expect(refusal(Uint8Array.from([0x30, 0x80, 0, 0]))).toBe('CERTIFICATE_DER_INVALID')
  expect(refusal(Uint8Array.from({ length: 40_000 }, (_, i) => (i % 2 === 0 ? 0x30 : 0x80)))).toBe(
    'CERTIFICATE_DER_INVALID',
  )
  expect(refusal(new Uint8Array(5_000_000))).toBe('CERTIFICATE_LIMIT_EXCEEDED')
  expect(refusal(`-----BEGIN CERTIFICATE-----\n${'A'.repeat(5_000_000)}\n-----END CERTIFICATE-----`)).toBe(
    'CERTIFICATE_LIMIT_EXCEEDED',
  )
  expect(performance.now() - started).toBeLessThan(250)
})

test('throws only CertificateError, and accepts nothing that OpenSSL rejects', () => {
  const sample = makeCertificate({
    subject: 'sample',
    key,
    issuer,
    ca: { pathLength: 1 },
    keyUsage: ['keyCertSign'],
    extendedKeyUsage: ['1.3.6.1.5.5.7.3.3'],
    subjectAltNames: [generalName.email('a@b.c'), generalName.other('1.2.3', der.utf8('x'))],
    extensions: [
      {
        oid: '2.5.29.30',
        critical: true,
        value: der.sequence(der.context(0, 'constructed', der.sequence(generalName.email('b.c')))),
      },
    ],
  }).der
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      (changes) => {
        const mutated = Uint8Array.from(sample)
        for (const [at, octet] of changes) mutated[at] = octet
        const code = refusal(mutated)
        if (code === undefined) expect(() => new X509Certificate(mutated)).not.toThrow()
        else expect(code).toMatch(/^CERTIFICATE_/)
      },
    ),
    { numRuns: 3_000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(refusal(bytes)).toMatch(/^CERTIFICATE_/)
    }),
    { numRuns: 500 },
  )
})
