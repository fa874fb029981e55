import fc from 'fast-check'
import { makeKeyPair, distinguishedName } from '@verify-images/testing/internal'
import { der } from '@verify-images/testing/internal'
import { TAG } from '@verify-images/x509'
import { expect, test } from 'vitest'
import { codeOf } from '../testing/code-of.ts'
import { makeLeaf, parsed } from '../testing/signing-world.ts'
import { matchIdentity, parseTrustedIdentity } from './trusted-identity.ts'

const key = makeKeyPair()
const certificate = (name: Uint8Array): ReturnType<typeof parsed>[0] =>
  parsed(makeLeaf(key, undefined, { subject: name }))[0]
const matches = (identity: string, name: Uint8Array): Promise<string | undefined> => {
  const trusted = parseTrustedIdentity(identity)
  if ('problem' in trusted) throw new Error(trusted.problem)
  return codeOf(() => matchIdentity(certificate(name), [trusted], 'test'))
}

const base = [
  ['C', 'US'],
  ['ST', 'WA'],
  ['O', 'acme'],
] as const
const ACME = 'x509.subject: C=US, ST=WA, O=acme'

test.each([
  ['the same attributes', ACME, distinguishedName(...base)],
  ['more attributes', ACME, distinguishedName(...base, ['CN', 'signer'], ['OU', 'team'])],
  ['another order', 'x509.subject: O=acme,ST=WA,C=US', distinguishedName(...base)],
  ['S for ST', 'x509.subject: C=US, S=WA, O=acme', distinguishedName(...base)],
  [
    'an escaped comma',
    'x509.subject: C=US, ST=WA, O=acme\\, Inc',
    distinguishedName(['C', 'US'], ['ST', 'WA'], ['O', 'acme, Inc']),
  ],
  [
    'escapes in hex',
    'x509.subject: C=US, ST=WA, O=caf\\c3\\a9',
    distinguishedName(['C', 'US'], ['ST', 'WA'], ['O', 'café']),
  ],
  [
    'an escaped blank at the end',
    'x509.subject: C=US, ST=WA, O=acme\\ ',
    distinguishedName(['C', 'US'], ['ST', 'WA'], ['O', 'acme ']),
  ],
  ['anyone', '*', distinguishedName(['CN', 'x'])],
])('accepts a subject with %s', async (_what, identity, name) => {
  expect(await matches(identity, name)).toBeUndefined()
})

test.each([
  ['another value', distinguishedName(['C', 'US'], ['ST', 'WA'], ['O', 'acme-evil'])],
  ['another case', distinguishedName(['C', 'US'], ['ST', 'WA'], ['O', 'ACME'])],
  ['a value that continues', distinguishedName(['C', 'US'], ['ST', 'WA'], ['O', 'acme,evil'])],
  ['the attributes in one value', distinguishedName(['C', 'US'], ['ST', 'WA'], ['CN', 'x, O=acme'], ['O', 'evil'])],
  ['one attribute twice', distinguishedName(['C', 'US'], ['ST', 'WA'], ['O', 'acme'], ['O', 'evil'])],
  ['an attribute missing', distinguishedName(['C', 'US'], ['O', 'acme'])],
  ['an attribute without a short name', distinguishedName(...base, ['emailAddress', 'a@b.c'])],
  [
    'several attributes in one part',
    der.sequence(
      der.set(
        ...[
          ['2.5.4.6', 'US'],
          ['2.5.4.8', 'WA'],
          ['2.5.4.10', 'acme'],
        ].map(([oid = '', value = '']) => der.sequence(der.oid(oid), der.printable(value))),
      ),
    ),
  ],
])('rejects a subject with %s', async (_what, name) => {
  expect(await matches(ACME, distinguishedName(...base))).toBeUndefined()
  expect(await matches(ACME, name)).toBe('ATTESTOR_IDENTITY_MISMATCH')
})

/** `C=US, ST=WA, O=acme` with one attribute in another string type. */
const withType = (changed: 'C' | 'ST' | 'O', tag: number): Uint8Array =>
  der.sequence(
    ...(
      [
        ['C', '2.5.4.6', 'US'],
        ['ST', '2.5.4.8', 'WA'],
        ['O', '2.5.4.10', 'acme'],
      ] as const
    ).map(([type, oid, value]) =>
      der.set(der.sequence(der.oid(oid), der.text(type === changed ? tag : TAG.PRINTABLE_STRING, value))),
    ),
  )

test.each([
  ['C', TAG.UTF8_STRING],
  ['C', TAG.IA5_STRING],
  ['ST', TAG.IA5_STRING],
  ['O', TAG.IA5_STRING],
  ['O', TAG.T61_STRING],
] as const)(
  'rejects a subject whose attribute %s has the string type %i, although the text is equal',
  async (type, tag) => {
    expect(await matches(ACME, withType(type, TAG.PRINTABLE_STRING))).toBeUndefined()
    expect(await matches(ACME, withType(type, tag))).toBe('ATTESTOR_IDENTITY_MISMATCH')
  },
)

test.each([TAG.UTF8_STRING, TAG.PRINTABLE_STRING])('accepts an organization with the string type %i', async (tag) => {
  expect(await matches(ACME, withType('O', tag))).toBeUndefined()
})

test('`*` does not depend on string types, because it compares nothing', async () => {
  expect(await matches('*', withType('C', TAG.UTF8_STRING))).toBeUndefined()
})

test('an identity of a kind that only plugins support matches no signer', async () => {
  expect(await matches('example.identity: anyone', distinguishedName(...base))).toBe('ATTESTOR_IDENTITY_MISMATCH')
})

test.each([
  '',
  'acme',
  ':x',
  'x509.subject:',
  'x509.subject: C=US',
  'x509.subject: C=US, ST=WA, O=',
  'x509.subject: C=US, ST=WA, O=#04020048',
  'x509.subject: C=US, ST=WA, O=a, O=b',
  'x509.subject: C=US, ST=WA, S=WA, O=a',
  'x509.subject: C=US+ST=WA, O=a',
  'x509.subject: C=US, ST=WA, O=a"b',
  'x509.subject: C=US, ST=WA, O=a;b',
  'x509.subject: C=US, ST=WA, O=a\\',
  'x509.subject: C=US, ST=WA, O=a\\zb',
  'x509.subject: C=US, ST=WA, O=\\ff',
  'x509.subject: c=US, st=WA, o=a',
  'x509.subject: C=US, ST=WA, O=a,',
  'x509.subject: C=US, ST=WA, =a, O=a',
])('rejects %s', (text) => {
  expect(parseTrustedIdentity(text)).toHaveProperty('problem')
})

test('unescapes any value', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: 'grapheme' }).filter((value) => value.isWellFormed()),
      (value) => {
        const escaped = [...Buffer.from(value)].map((octet) => `\\${octet.toString(16).padStart(2, '0')}`).join('')
        const identity = parseTrustedIdentity(`x509.subject:C=US,ST=WA,O=${escaped}`)
        expect(identity).toMatchObject({ kind: 'subject' })
        if (identity instanceof Object && 'attributes' in identity) expect(identity.attributes.get('O')).toBe(value)
      },
    ),
  )
})

test('never throws, for any string', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseTrustedIdentity(`x509.subject:${text}`)
      parseTrustedIdentity(text)
    }),
  )
})
