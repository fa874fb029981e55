import { parseCertificate } from '@verify-images/x509'
import {
  der,
  generalName,
  makeCertificate,
  makeKeyPair,
  type CertificateTemplate,
} from '@verify-images/testing/internal'
import { describe, expect, test } from 'vitest'
import type { IdentityRequirement } from '../attestor-options.ts'
import { requireCertificateIdentity } from './match-identity.ts'

const key = makeKeyPair()
const arc = '1.3.6.1.4.1.57264.1.'
const issuer = 'https://accounts.example.com'
const claim = (number: number, text: string): { readonly oid: string; readonly value: Uint8Array } => ({
  oid: `${arc}${number}`,
  value: Buffer.from(text),
})

function certificate(changes: Partial<CertificateTemplate> = {}): ReturnType<typeof parseCertificate> {
  return parseCertificate(
    makeCertificate({
      subject: 'user@example.com',
      subjectAltNames: [generalName.email('user@example.com')],
      extensions: [claim(1, issuer), claim(5, 'acme/app')],
      ...changes,
      key,
    }).der,
  )
}

function match(requirement: Partial<IdentityRequirement>, changes?: Partial<CertificateTemplate>): unknown {
  try {
    requireCertificateIdentity({ additionalExtensions: {}, ...requirement }, certificate(changes))
    return 'match'
  } catch (error) {
    return error
  }
}

describe('subject', () => {
  test.each([
    [{ subject: 'user@example.com' }],
    [{ subject: '*@example.com' }],
    [{ subject: 'use?@example.com' }],
    [{ subjectRegExp: '^user@' }],
    [{ subjectRegExp: 'ser@ex' }],
    [{ subject: '*', subjectRegExp: '^user@example[.]com$' }],
  ])('matches a subject that fits %o', (requirement) => {
    expect(match(requirement)).toBe('match')
  })

  test.each([
    [{ subject: 'other@example.com' }],
    [{ subject: 'user@exampleXcom' }],
    [{ subject: 'ser@example.com' }],
    [{ subjectRegExp: '^nobody$' }],
  ])('rejects a subject that does not fit %o', (requirement) => {
    expect(match(requirement)).toMatchObject({
      code: 'ATTESTOR_IDENTITY_MISMATCH',
      details: { detail: { kind: 'attestor-identity-mismatch', field: 'subject', actual: 'user@example.com' } },
    })
  })

  test('`subject` and `subjectRegExp` must match the same name', () => {
    expect(match({ subject: 'nobody@example.com', subjectRegExp: '^user@' })).toMatchObject({
      details: { difference: 'S10' },
    })
    const two = { subjectAltNames: [generalName.email('a@example.com'), generalName.uri('https://b.example.com')] }
    expect(match({ subject: 'a@*', subjectRegExp: '^https:' }, two)).toMatchObject({ details: { difference: 'S10' } })
    expect(match({ subject: 'https://*', subjectRegExp: 'b\\.example' }, two)).toBe('match')
  })

  test('a certificate without names does not match any subject', () => {
    const nameless = { subjectAltNames: [generalName.directory(der.sequence())] }
    expect(match({ subject: '*' }, nameless)).toMatchObject({
      code: 'ATTESTOR_IDENTITY_MISMATCH',
      details: { difference: 'S9' },
    })
    expect(match({ subjectRegExp: '' }, nameless)).toMatchObject({ details: { difference: 'S9' } })
  })

  test('only e-mail addresses, URIs and Fulcio user names match a subject', () => {
    expect(
      match(
        { subject: 'https://example.com/user' },
        { subjectAltNames: [generalName.uri('https://example.com/user')] },
      ),
    ).toBe('match')
    expect(
      match(
        { subject: 'alice!example.com' },
        { subjectAltNames: [generalName.other(`${arc}7`, der.utf8('alice!example.com'))] },
      ),
    ).toBe('match')
    expect(
      match(
        { subject: 'alice!example.com' },
        { subjectAltNames: [generalName.other(`${arc}99`, der.utf8('alice!example.com'))] },
      ),
    ).toMatchObject({ code: 'ATTESTOR_IDENTITY_MISMATCH' })
    expect(
      match({ subject: 'user.example.com' }, { subjectAltNames: [generalName.dns('user.example.com')] }),
    ).toMatchObject({ details: { difference: 'crt-san-type-confusion' } })
  })

  test('an invalid `subjectRegExp` never matches', () => {
    expect(match({ subjectRegExp: '(', subject: '*' })).toMatchObject({
      code: 'ATTESTOR_POLICY_INVALID',
      details: { detail: { kind: 'attestor-pattern-invalid', field: 'subject', problem: 'missing closing ): `(`' } },
    })
  })
})

describe('issuer', () => {
  test('`issuer` and `issuerRegExp` must both match', () => {
    expect(match({ issuer: 'https://*.example.com' })).toBe('match')
    expect(match({ issuer, issuerRegExp: 'accounts' })).toBe('match')
    expect(match({ issuer, issuerRegExp: '^x' })).toMatchObject({
      details: { detail: { kind: 'attestor-identity-mismatch', field: 'issuer', expected: '^x', actual: issuer } },
    })
    expect(match({ issuer: 'https://evil.example.com' })).toMatchObject({
      details: { detail: { field: 'issuer', expected: 'https://evil.example.com', actual: issuer } },
    })
    expect(match({ issuerRegExp: '[' })).toMatchObject({
      details: { detail: { kind: 'attestor-pattern-invalid', field: 'issuer', problem: 'missing closing ]: `[`' } },
    })
  })

  test('the issuer comes from the old extension, which the new one must not contradict', () => {
    const renewed = (value: Uint8Array): Partial<CertificateTemplate> => ({
      extensions: [claim(1, issuer), { oid: `${arc}8`, value }],
    })
    expect(match({ issuer }, renewed(der.utf8(issuer)))).toBe('match')
    for (const value of [
      der.utf8('https://evil.example.com'),
      Buffer.from(issuer),
      Buffer.concat([der.utf8(issuer), Buffer.from([0])]),
      Buffer.of(0x0c, issuer.length + 1, ...Buffer.from(issuer)),
      Buffer.of(0x0c, 0x81, issuer.length, ...Buffer.from(issuer)),
    ]) {
      expect(match({ issuer }, renewed(value))).toMatchObject({ details: { difference: 'crt-issuer-oid-conflict' } })
    }
    expect(match({ issuer }, { extensions: [{ oid: `${arc}8`, value: der.utf8(issuer) }] })).toMatchObject({
      code: 'ATTESTOR_IDENTITY_MISMATCH',
    })
  })
})

describe('extensions', () => {
  test('extensions are required by name or by OID', () => {
    expect(match({ additionalExtensions: { githubWorkflowRepository: 'acme/*' } })).toBe('match')
    expect(match({ additionalExtensions: { [`${arc}5`]: 'acme/app' } })).toBe('match')
    expect(match({ additionalExtensions: { githubWorkflowRepository: 'acme/other' } })).toMatchObject({
      details: {
        detail: {
          kind: 'attestor-extension-mismatch',
          name: 'githubWorkflowRepository',
          expected: 'acme/other',
          actual: 'acme/app',
        },
      },
    })
    expect(match({ additionalExtensions: { githubWorkflowRef: 'x' } })).toMatchObject({
      details: { detail: { name: 'githubWorkflowRef', expected: 'x', actual: '' } },
    })
  })

  test.each(['constructor', `${arc}8`, 'GithubWorkflowRef', '__proto__'])(
    '`%s` is not an extension that a policy can require',
    (name) => {
      expect(match({ additionalExtensions: Object.fromEntries([[name, '*']]) })).toMatchObject({
        code: 'ATTESTOR_POLICY_INVALID',
        details: { detail: { kind: 'attestor-extension-unknown', name } },
      })
    },
  )
})

test('an empty identity requirement matches every certificate', () => {
  expect(match({}, { subjectAltNames: [generalName.dns('x')] })).toBe('match')
})
