import { parseCertificate, TAG } from '@verify-images/x509'
import { der, generalName, makeCertificate, makeKeyPair } from '@verify-images/testing/internal'
import { describe, expect, test } from 'vitest'
import { compileBundleIdentity, requireBundleIdentity } from '../bundle/bundle-identity.ts'
import { identityNames, mistypedUsernames, subjectNames } from './certificate-names.ts'
import { requireCertificateIdentity } from './match-identity.ts'

const key = makeKeyPair()
const username = 'alice!example.com'
const usernameOid = '1.3.6.1.4.1.57264.1.7'
const issuer = 'https://accounts.example.com'
const utf16 = (text: string): Uint8Array => Buffer.from(text, 'utf16le').swap16()
const utf32 = (text: string): Uint8Array => Buffer.from([...text].flatMap((letter) => [0, 0, 0, letter.charCodeAt(0)]))

function certificate(...subjectAltNames: readonly Uint8Array[]): ReturnType<typeof parseCertificate> {
  const extensions = [{ oid: '1.3.6.1.4.1.57264.1.1', value: Buffer.from(issuer) }]
  return parseCertificate(makeCertificate({ subject: 'x', subjectAltNames, extensions, key }).der)
}

function errorOf(check: () => void): unknown {
  try {
    check()
    return 'matches'
  } catch (error) {
    return error
  }
}

/** String types that Kyverno's decoder reads as well, each with the same text. */
const readByKyverno: readonly (readonly [string, Uint8Array])[] = [
  ['BMPString', der.element(TAG.BMP_STRING, utf16(username))],
  ['T61String', der.text(TAG.T61_STRING, username)],
  ['IA5String', der.ia5(username)],
]

/** String types that Kyverno does not read either. */
const readByNobody: readonly (readonly [string, Uint8Array])[] = [
  ['UniversalString', der.element(TAG.UNIVERSAL_STRING, utf32(username))],
  ['VisibleString', der.text(TAG.VISIBLE_STRING, username)],
  ['OCTET STRING', der.octetString(Buffer.from(username))],
]

describe("Fulcio's user name", () => {
  const signedBy = (value: Uint8Array): ReturnType<typeof certificate> =>
    certificate(generalName.other(usernameOid, value))
  const cosignCheck = (value: Uint8Array): unknown =>
    errorOf(() => requireCertificateIdentity({ issuer, subject: username, additionalExtensions: {} }, signedBy(value)))
  const bundleCheck = (value: Uint8Array): unknown =>
    errorOf(() =>
      requireBundleIdentity(
        compileBundleIdentity({ issuer, subject: username, additionalExtensions: {} }),
        signedBy(value),
      ),
    )

  test("Fulcio's user name is an identity as a UTF8String", () => {
    expect(identityNames(signedBy(der.utf8(username)))).toEqual([{ kind: 'other', text: username }])
    expect(mistypedUsernames(signedBy(der.utf8(username)))).toEqual([])
    expect(cosignCheck(der.utf8(username))).toBe('matches')
    expect(bundleCheck(der.utf8(username))).toBe('matches')
  })

  test.each(readByKyverno)('is not an identity as a %s, although Kyverno takes it for one', (_type, value) => {
    expect(identityNames(signedBy(value))).toEqual([])
    expect(mistypedUsernames(signedBy(value))).toEqual([username])
    const refusal = { code: 'ATTESTOR_IDENTITY_MISMATCH', details: { difference: 'crt-name-string-type' } }
    expect(cosignCheck(value)).toMatchObject(refusal)
    expect(bundleCheck(value)).toMatchObject(refusal)
  })

  test.each(readByNobody)('is not an identity as a %s', (_type, value) => {
    expect(identityNames(signedBy(value))).toEqual([])
    expect(mistypedUsernames(signedBy(value))).toEqual([])
    expect(cosignCheck(value)).toMatchObject({ code: 'ATTESTOR_IDENTITY_MISMATCH' })
    const refusal = bundleCheck(value)
    expect(refusal).toMatchObject({ code: 'ATTESTOR_IDENTITY_MISMATCH' })
    expect(refusal).not.toHaveProperty('details.difference')
  })

  test("Fulcio's user name is not an identity under another otherName type", () => {
    expect(identityNames(certificate(generalName.other('1.3.6.1.4.1.57264.1.8', der.utf8(username))))).toEqual([])
  })

  test("Fulcio's user name of a wrong type changes nothing beside a name that matches", () => {
    const [, [, mistyped] = ['', der.null()]] = readByKyverno
    const both = certificate(generalName.other(usernameOid, mistyped), generalName.email('a@example.com'))
    const identity = { issuer, subject: 'a@example.com', additionalExtensions: {} }
    expect(errorOf(() => requireCertificateIdentity(identity, both))).toBe('matches')
    expect(errorOf(() => requireBundleIdentity(compileBundleIdentity(identity), both))).toBe('matches')
  })
})

describe.each([
  ['rfc822Name', 1, 'email', 'alice@example.com'],
  ['uniformResourceIdentifier', 6, 'uri', 'https://example.com/alice'],
] as const)('%s', (_name, tag, kind, text) => {
  test('an e-mail address or URI is an identity as an IA5String', () => {
    expect(identityNames(certificate(der.context(tag, 'primitive', Buffer.from(text))))).toEqual([{ kind, text }])
  })

  test.each([
    ['BMPString', der.element(TAG.BMP_STRING, utf16(text))],
    ['T61String', der.text(TAG.T61_STRING, text)],
    ['UniversalString', der.element(TAG.UNIVERSAL_STRING, utf32(text))],
    ['UTF8String', der.utf8(text)],
    ['IA5String', der.ia5(text)],
  ])('is not an identity with an inner %s, because its tag is implicit', (_type, value) => {
    const wrapped = certificate(der.context(tag, 'constructed', value))
    expect(identityNames(wrapped)).toEqual([])
    expect(subjectNames(wrapped)).toEqual([])
  })

  test.each([
    ['UTF-8', Buffer.from(text.replace('a', 'ä'))],
    ['UTF-16', utf16(text)],
    ['T.61', Buffer.from(text.replace('a', 'ä'), 'latin1')],
  ])('in %s makes the certificate unreadable', (_encoding, content) => {
    expect(errorOf(() => certificate(der.context(tag, 'primitive', content)))).toMatchObject({
      code: 'CERTIFICATE_MALFORMED',
    })
  })
})

describe("Fulcio's extensions", () => {
  const issuerExtension = (value: Uint8Array): ReturnType<typeof parseCertificate> =>
    parseCertificate(
      makeCertificate({
        subject: 'x',
        subjectAltNames: [generalName.email('a@example.com')],
        extensions: [{ oid: '1.3.6.1.4.1.57264.1.8', value }],
        key,
      }).der,
    )
  const identity = compileBundleIdentity({ issuer, subject: 'a@example.com', additionalExtensions: {} })

  test("Fulcio's extensions are read as a UTF8String from number 8 on", () => {
    expect(errorOf(() => requireBundleIdentity(identity, issuerExtension(der.utf8(issuer))))).toBe('matches')
  })

  test.each([
    ['BMPString', der.element(TAG.BMP_STRING, utf16(issuer))],
    ['T61String', der.text(TAG.T61_STRING, issuer)],
    ['IA5String', der.ia5(issuer)],
    ['UniversalString', der.element(TAG.UNIVERSAL_STRING, utf32(issuer))],
  ])("Fulcio's extensions are not read as a %s", (_type, value) => {
    expect(errorOf(() => requireBundleIdentity(identity, issuerExtension(value)))).toMatchObject({
      code: 'ATTESTOR_IDENTITY_MISMATCH',
    })
  })
})
