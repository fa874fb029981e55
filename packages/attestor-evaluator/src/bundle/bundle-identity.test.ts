import { CheckError } from '@verify-images/primitives'
import { parseCertificate } from '@verify-images/x509'
import {
  type CertificateTemplate,
  der,
  generalName,
  makeCertificate,
  makeKeyPair,
} from '@verify-images/testing/internal'
import { expect, test } from 'vitest'
import type { IdentityRequirement } from '../attestor-options.ts'
import { requireBundleIdentity, compileBundleIdentity } from './bundle-identity.ts'

const key = makeKeyPair()
const arc = '1.3.6.1.4.1.57264.1.'
const issuer = 'https://accounts.example.com'
const subject = 'user@example.com'
const plain = (number: number, text: string): { readonly oid: string; readonly value: Uint8Array } => ({
  oid: `${arc}${number}`,
  value: Buffer.from(text),
})
const newer = (text: string): { readonly oid: string; readonly value: Uint8Array } => ({
  oid: `${arc}8`,
  value: der.utf8(text),
})
const email = generalName.email(subject)

function codeOf(requirement: Partial<IdentityRequirement>, template: Partial<CertificateTemplate> = {}): string {
  try {
    const certificate = parseCertificate(
      makeCertificate({ subject: 'x', subjectAltNames: [email], extensions: [plain(1, issuer)], ...template, key }).der,
    )
    requireBundleIdentity(
      compileBundleIdentity({ issuer, subject, additionalExtensions: {}, ...requirement }),
      certificate,
    )
    return 'match'
  } catch (error) {
    if (error instanceof CheckError) return error.code
    throw error
  }
}

const MISMATCH = 'ATTESTOR_IDENTITY_MISMATCH'

test.each<[string, Partial<IdentityRequirement>, Partial<CertificateTemplate>, string]>([
  ['the old issuer extension', {}, {}, 'match'],
  ['the new one', {}, { extensions: [newer(issuer)] }, 'match'],
  ['both, with the same value', {}, { extensions: [plain(1, issuer), newer(issuer)] }, 'match'],
  [
    'both, and the new one disagrees',
    {},
    { extensions: [plain(1, issuer), newer('https://evil.example.com')] },
    MISMATCH,
  ],
  [
    'both, and the old one disagrees',
    {},
    { extensions: [plain(1, 'https://evil.example.com'), newer(issuer)] },
    MISMATCH,
  ],
  ['the new one as another type', {}, { extensions: [{ oid: `${arc}8`, value: Buffer.from(issuer) }] }, MISMATCH],
  ['no issuer', {}, { extensions: [] }, MISMATCH],
  [
    'no issuer, and a pattern that matches everything',
    { issuer: undefined as never, issuerRegExp: '.*' },
    { extensions: [] },
    MISMATCH,
  ],
  [
    'a URI',
    { subject: 'https://example.com/x' },
    { subjectAltNames: [generalName.uri('https://example.com/x')] },
    'match',
  ],
  [
    'a Fulcio user name',
    { subject: 'alice' },
    { subjectAltNames: [generalName.other(`${arc}7`, der.utf8('alice'))] },
    'match',
  ],
  [
    'another type of otherName',
    { subject: 'alice' },
    { subjectAltNames: [generalName.other(`${arc}9`, der.utf8('alice'))] },
    MISMATCH,
  ],
  ['a host name', { subject: 'example.com' }, { subjectAltNames: [generalName.dns('example.com')] }, MISMATCH],
  [
    'a host name, and a pattern that matches everything',
    { subject: undefined as never, subjectRegExp: '.*' },
    { subjectAltNames: [generalName.dns('example.com')] },
    MISMATCH,
  ],
  [
    'an e-mail address beside a URI',
    {},
    { subjectAltNames: [email, generalName.uri('https://evil.example.com')] },
    MISMATCH,
  ],
  [
    'two addresses, the right one first',
    {},
    { subjectAltNames: [email, generalName.email('evil@example.com')] },
    MISMATCH,
  ],
  [
    'two addresses, the right one last',
    {},
    { subjectAltNames: [generalName.email('evil@example.com'), email] },
    MISMATCH,
  ],
  [
    'two addresses that both fit',
    { subject: undefined as never, subjectRegExp: '@example\\.com$' },
    { subjectAltNames: [generalName.email('b@example.com'), email] },
    'match',
  ],
  [
    'a name with a line break',
    { subject: undefined as never, subjectRegExp: '^alice$' },
    { subjectAltNames: [generalName.other(`${arc}7`, der.utf8('alice\nx'))] },
    MISMATCH,
  ],
  ['a `.` in an exact subject, which is not a wildcard', { subject: 'userXexample.com' }, {}, MISMATCH],
  [
    'an extension',
    { additionalExtensions: { [`${arc}5`]: 'acme/app' } },
    { extensions: [plain(1, issuer), plain(5, 'acme/app')] },
    'match',
  ],
  [
    'an extension with another value',
    { additionalExtensions: { githubWorkflowRepository: 'acme/app' } },
    { extensions: [plain(1, issuer), plain(5, 'evil/app')] },
    MISMATCH,
  ],
  ['an unknown extension', { additionalExtensions: { constructor: 'x' } }, {}, 'ATTESTOR_POLICY_INVALID'],
  ['an invalid pattern', { issuerRegExp: '[' }, {}, 'ATTESTOR_POLICY_INVALID'],
])('matches the identity of a certificate: %s', (_what, requirement, template, expected) => {
  expect(codeOf(requirement, template)).toBe(expected)
})

test('rejects a policy without both an issuer and a subject', () => {
  for (const half of [{ issuer }, { subject }, { issuerRegExp: '.*' }, {}]) {
    expect(() => compileBundleIdentity({ ...half, additionalExtensions: {} })).toThrow(
      expect.objectContaining({ code: 'ATTESTOR_POLICY_INVALID' }),
    )
  }
})
