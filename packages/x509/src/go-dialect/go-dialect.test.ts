import { expect, test } from 'vitest'
import { CertificateError } from '../certificate-error.ts'
import { parseCertificate } from '../parse-certificate.ts'
import { der } from '@verify-images/testing/internal'
import { makeKeyPair } from '@verify-images/testing/internal'
import { commonName, generalName, makeCertificate } from '@verify-images/testing/internal'
import type { CertificateTemplate } from '@verify-images/testing/internal'
import { parseGoCertificate } from './go-certificate.ts'

const rsa = makeKeyPair('rsa')
const made = (template: Partial<CertificateTemplate>): Uint8Array =>
  makeCertificate({ subject: 'signer', ...template, key: rsa }).der

const strictCode = (bytes: Uint8Array): string | undefined => {
  try {
    parseCertificate(bytes)
    return undefined
  } catch (error) {
    return error instanceof CertificateError ? error.code : String(error)
  }
}

test('both dialects read the same of a certificate that both accept', () => {
  const bytes = made({ ca: true, keyUsage: ['keyCertSign', 'decipherOnly'], subjectAltNames: [generalName.dns('a.b')] })
  const [strict, go] = [parseCertificate(bytes), parseGoCertificate(bytes)]
  expect(Buffer.from(go.raw)).toEqual(Buffer.from(strict.raw))
  expect(Buffer.from(go.tbs)).toEqual(Buffer.from(strict.tbs))
  expect(go.serialNumber).toBe(strict.serialNumber)
  expect(new Date(go.notAfter)).toEqual(strict.notAfter)
  expect(go.subject.attributes).toEqual([{ oid: '2.5.4.3', value: strict.subject.commonName }])
  expect(go.fields.keyUsageBits).toBe((1 << 5) | (1 << 8))
  expect(go.fields.subjectAltNames?.dns).toEqual(['a.b'])
  expect(go.signatureAlgorithm.algorithm).toBe(strict.signatureAlgorithm)
})

/** What Go accepts and a verifier must not. Each row differs from an accepted certificate in one thing. */
test.each<[what: string, template: Partial<CertificateTemplate>]>([
  ['a key usage without any usage', { extensions: [{ oid: '2.5.29.15', value: der.bitString(new Uint8Array()) }] }],
  ['an empty list of extended key usages', { extendedKeyUsage: [] }],
  ['a name with a line break', { subjectAltNames: [generalName.email('a@b\nc@d')] }],
  [
    'a path length of a certificate that is not a CA',
    {
      extensions: [{ oid: '2.5.29.19', value: der.sequence(der.integer(1)) }],
    },
  ],
  [
    'data behind the fields of an extension',
    {
      extensions: [{ oid: '2.5.29.19', value: der.sequence(der.boolean(true), der.integer(1), der.null()) }],
    },
  ],
])('Go accepts %s, the strict dialect rejects it', (_what, template) => {
  expect(strictCode(made({}))).toBeUndefined()
  expect(strictCode(made(template))).toMatch(/^CERTIFICATE_/)
  expect(parseGoCertificate(made(template)).subject.attributes[0]?.value).toBe('signer')
})

test('both dialects accept a certificate of version 1: a private authority may issue them', () => {
  expect(strictCode(made({ version: 1 }))).toBeUndefined()
  expect(parseGoCertificate(made({ version: 1 })).subject.attributes[0]?.value).toBe('signer')
})

const withValidity = (from: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(made({}))
  const valid = Buffer.from(der.time(new Date('2020-01-01T00:00:00Z')))
  const at = bytes.indexOf(valid)
  return from.length === valid.length
    ? Buffer.concat([bytes.subarray(0, at), from, bytes.subarray(at + from.length)])
    : bytes
}

test.each([
  ['2001010000+1', undefined],
  ['200101000000Z', '2020-01-01T00:00:00Z'],
  ['200230000000Z', undefined],
  ['490101000000Z', '2049-01-01T00:00:00Z'],
  ['500101000000Z', '1950-01-01T00:00:00Z'],
])('reads the UTCTime %s as %s', (text, expected) => {
  const bytes = withValidity(der.text(0x17, text.padEnd(13, ' ')))
  if (expected === undefined) expect(() => parseGoCertificate(bytes)).toThrow(CertificateError)
  else expect(parseGoCertificate(bytes).notBefore).toBe(expected)
})

test.each([
  [0x1e, Buffer.from('\0a\0\0'), 'a'],
  [0x1e, Buffer.from('\0a\0'), undefined],
  [0x1e, Buffer.from([0xd8, 0x3d, 0xde, 0x00]), undefined],
  [0x14, Buffer.from([0xe9]), 'é'],
  [0x13, Buffer.from('a@b'), undefined],
  [0x12, Buffer.from('12 3'), '12 3'],
  [0x0c, Buffer.from([0xc3]), undefined],
  [0x04, Buffer.from('octets'), undefined],
])('reads a name of the string type %i with the octets %j as %j', (tag, content, expected) => {
  const subject = der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), der.element(tag, content))))
  const bytes = made({ subject })
  if (expected === undefined) expect(() => parseGoCertificate(bytes)).toThrow(CertificateError)
  else expect(parseGoCertificate(bytes).subject.attributes).toEqual([{ oid: '2.5.4.3', value: expected }])
})

test('keys of other kinds have no RSA key', () => {
  const key = makeKeyPair()
  expect(parseGoCertificate(makeCertificate({ subject: 'signer', key }).der).rsaKey).toBeUndefined()
  expect(parseGoCertificate(made({})).rsaKey?.exponent).toBe(65537n)
})

test('rejects an object identifier with an arc of more than 31 bits, except in certificate policies', () => {
  const policies = (oid: string): NonNullable<CertificateTemplate['extensions']> => [
    { oid: '2.5.29.32', value: der.sequence(der.sequence(der.oid(oid))) },
  ]
  expect(parseGoCertificate(made({ extensions: policies('1.2.4294967296') })).fields.policies).toEqual([
    '1.2.4294967296',
  ])
  expect(() => parseGoCertificate(made({ extendedKeyUsage: ['1.2.4294967296'] }))).toThrow(CertificateError)
  expect(parseGoCertificate(made({ extendedKeyUsage: ['1.2.2147483647'] })).fields.extendedKeyUsage).toHaveLength(1)
})

test('lists unsupported critical extensions', () => {
  const critical = (oid: string, value: Uint8Array) => ({ oid, critical: true, value })
  const { fields } = parseGoCertificate(
    made({
      extensions: [
        critical('1.2.3.4', der.null()),
        critical('2.5.29.17', der.sequence(generalName.directory(commonName('x')))),
        critical('2.5.29.19', der.sequence(der.boolean(true))),
        critical(
          '2.5.29.30',
          der.sequence(der.context(0, 'constructed', der.sequence(generalName.directory(commonName('x'))))),
        ),
      ],
    }),
  )
  expect(fields.unhandledCritical).toEqual(['1.2.3.4', '2.5.29.17', '2.5.29.30'])
})
