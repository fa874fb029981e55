import { firstGoPemBlock } from '@verify-images/x509'
import { describe, expect, test } from 'vitest'
import { search } from '../expression/search.ts'
import { CONSTRAINTS, ELLIPTIC, NAMES, POLICIES, PSS, REQUEST, SUBJECT } from './certificates.fixture.ts'

const field = (pem: string, expression: string): unknown => search(`x509_decode(@) | ${expression}`, pem)

describe('x509_decode', () => {
  test.each<[name: string, pem: string, expression: string, expected: unknown]>([
    ['names', NAMES, 'DNSNames', ['a.b', '*.c']],
    ['names', NAMES, 'EmailAddresses', ['x@y']],
    ['names', NAMES, 'IPAddresses', ['1.2.3.4', '::1', '2001:db8::1:0:0:1', '1.2.3.4']],
    ['names', NAMES, 'URIs[*].Host', ['h.example:80', '', '']],
    [
      'names',
      NAMES,
      'URIs[0].[Scheme, Path, RawPath, RawQuery, Fragment, User]',
      ['https', '/pAth//', '/p%41th/%2F', 'q=1&r', 'fr ag', {}],
    ],
    ['names', NAMES, 'URIs[1].[Scheme, Opaque, User]', ['urn', 'a:b', null]],
    ['names', NAMES, '[Version, PublicKeyAlgorithm, SignatureAlgorithm, PublicKey.E]', [3, 1, 4, 65537]],
    [
      'subject',
      SUBJECT,
      'Subject.[CommonName, Country, Organization, SerialNumber]',
      ['a', ['DE'], ['Org1', 'Org2'], '123'],
    ],
    ['subject', SUBJECT, 'length(Subject.Names)', 14],
    [
      'subject',
      SUBJECT,
      '[KeyUsage, BasicConstraintsValid, IsCA, MaxPathLen, MaxPathLenZero]',
      [1 + 32 + 64 + 256, true, false, -1, false],
    ],
    ['subject', SUBJECT, 'ExtKeyUsage', [1, 2, 3, 4, 8, 9, 0, 10, 11, 12]],
    ['subject', SUBJECT, 'UnknownExtKeyUsage', [[1, 2, 3, 4]]],
    [
      'constraints',
      CONSTRAINTS,
      '[PermittedDNSDomains, PermittedURIDomains, ExcludedEmailAddresses]',
      [['.a.b'], ['.u.v'], ['x@y.z', '.d.e']],
    ],
    [
      'constraints',
      CONSTRAINTS,
      '[PermittedIPRanges, ExcludedIPRanges]',
      [[{ IP: '10.0.0.0', Mask: '/wAAAA==' }], [{ IP: 'fd00::', Mask: '/wAAAAAAAAAAAAAAAAAAAA==' }]],
    ],
    [
      'constraints',
      CONSTRAINTS,
      '[PermittedDNSDomainsCritical, UnhandledCriticalExtensions]',
      [true, [[2, 5, 29, 30]]],
    ],
    [
      'policies',
      POLICIES,
      '[CRLDistributionPoints, OCSPServer, IssuingCertificateURL]',
      [['http://a/b', 'ldap://c'], ['http://ocsp'], ['http://ca']],
    ],
    ['policies', POLICIES, 'Policies', ['1.2.3', '2.5.29.32.0', '1.3.6.1.4.1.99999999999.1']],
    [
      'policies',
      POLICIES,
      'PolicyIdentifiers',
      [
        [1, 2, 3],
        [2, 5, 29, 32, 0],
      ],
    ],
    [
      'policies',
      POLICIES,
      '[RequireExplicitPolicy, InhibitPolicyMapping, InhibitPolicyMappingZero, InhibitAnyPolicy]',
      [3, 0, true, 2],
    ],
    ['policies', POLICIES, 'PolicyMappings', [{ IssuerDomainPolicy: '1.2.3', SubjectDomainPolicy: '2.3.4' }]],
    ['PSS', PSS, 'SignatureAlgorithm', 13],
    ['request', REQUEST, '[Subject.CommonName, DNSNames, IPAddresses, Version]', ['csr', ['csr'], ['1.1.1.1'], 0]],
    [
      'request',
      REQUEST,
      'Extensions[*].[Id, Critical]',
      [
        [[2, 5, 29, 17], false],
        [[2, 5, 29, 19], true],
        [[2, 5, 29, 15], true],
      ],
    ],
    // The challenge password is no list of pairs, so it is not shown.
    ['request', REQUEST, 'Attributes[*].Type', [[1, 2, 840, 113549, 1, 9, 14]]],
  ])('x509_decode decodes %s', (_name, pem, expression, expected) => {
    expect(field(pem, expression)).toEqual(expected)
  })

  test('x509_decode prints the exact modulus, and times as RFC 3339', () => {
    expect(field(NAMES, 'PublicKey.N')).toMatch(/^\d{616,617}$/)
    expect(field(NAMES, 'NotBefore')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  })

  test.each([
    ['', 'failed to decode PEM block'],
    ['-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----', 'failed to decode PEM block'],
    [
      '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
      'PEM block neither contains a CERTIFICATE or CERTIFICATE REQUEST',
    ],
    [ELLIPTIC, 'certificate should use rsa algorithm'],
    [
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      'certificate: expected SEQUENCE for certificate, got 0x00',
    ],
  ])('x509_decode rejects %j with the message %s', (pem, message) => {
    expect(() => search('x509_decode(@)', pem)).toThrow(expect.objectContaining({ kind: 'value', message }))
  })

  test('x509_decode gives JSON or a ConditionError if any byte is changed or missing', () => {
    for (const pem of [NAMES, SUBJECT, CONSTRAINTS, POLICIES, REQUEST]) {
      const { label, bytes } = firstGoPemBlock(pem) ?? { label: '', bytes: Buffer.alloc(0) }
      for (let at = 0; at < bytes.length; at += 3) {
        for (const changed of [
          Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 0x21 : byte))),
          Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
        ]) {
          try {
            search(
              'x509_decode(@)',
              `-----BEGIN ${label}-----\n${changed.toString('base64')}\n-----END ${label}-----\n`,
            )
          } catch (error) {
            expect(error).toHaveProperty('name', 'ConditionError')
          }
        }
      }
    }
  })
})
