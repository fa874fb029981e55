import { expect, test } from 'vitest'
import { CertificateError } from './certificate-error.ts'
import { openDer } from './der/cursor.ts'
import { readGeneralName } from './general-name.ts'
import type { GeneralName } from './general-name.ts'
import { checkNames, readNameConstraints } from './name-constraints.ts'
import { der } from '@verify-images/testing/internal'
import { commonName, generalName } from '@verify-images/testing/internal'

const subtrees = (bases: readonly Uint8Array[], list: 'permitted' | 'excluded'): Uint8Array =>
  der.sequence(der.context(list === 'permitted' ? 0 : 1, 'constructed', ...bases.map((base) => der.sequence(base))))
const name = (encoded: Uint8Array): GeneralName => readGeneralName(openDer(encoded, 'name').next('name'), 'name')
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    return error instanceof CertificateError ? error.code : `foreign: ${String(error)}`
  }
}
const passes = (given: Uint8Array, list: 'permitted' | 'excluded', ...bases: readonly Uint8Array[]): boolean =>
  codeOf(() => checkNames([name(given)], readNameConstraints(subtrees(bases, list)))) === undefined

const { dns, email, uri, ip, other, directory } = generalName

// The name, the subtree, and whether the one lies in the other.
const cases: readonly (readonly [string, Uint8Array, Uint8Array, boolean])[] = [
  ['the domain itself', dns('example.com'), dns('example.com'), true],
  ['a host below', dns('a.b.example.com'), dns('example.com'), true],
  ['letters of another case', dns('A.EXAMPLE.com'), dns('example.COM'), true],
  ['a name that only ends alike', dns('evilexample.com'), dns('example.com'), false],
  ['a name that only starts alike', dns('example.com.evil'), dns('example.com'), false],
  ['a host under a dotted base', dns('a.example.com'), dns('.example.com'), true],
  ['the domain under a dotted base', dns('example.com'), dns('.example.com'), false],
  ['everything under the empty base', dns('example.com'), dns(''), true],
  ['a wildcard below', dns('*.example.com'), dns('example.com'), true],
  ['a mailbox at the host', email('a@example.com'), email('example.com'), true],
  ['a mailbox at a host below', email('a@b.example.com'), email('example.com'), false],
  ['a mailbox below a dotted base', email('a@b.example.com'), email('.example.com'), true],
  ['a mailbox at the dotted base', email('a@example.com'), email('.example.com'), false],
  ['the very mailbox', email('user@EXAMPLE.com'), email('user@example.com'), true],
  ['another mailbox', email('user2@example.com'), email('user@example.com'), false],
  ['a URI at the host', uri('https://example.com/x?@evil.com'), uri('example.com'), true],
  ['a URI with port and user', uri('https://a:b@example.com:8443/'), uri('example.com'), true],
  ['a URI whose user looks like the host', uri('https://example.com@evil.com/'), uri('example.com'), false],
  ['a URI whose path looks like the host', uri('https://evil.com/example.com'), uri('example.com'), false],
  ['a URI below a dotted base', uri('https://a.example.com/'), uri('.example.com'), true],
  ['an address in the range', ip(10, 1, 2, 3), ip(10, 1, 0, 0, 255, 255, 0, 0), true],
  ['an address outside of the range', ip(10, 2, 2, 3), ip(10, 1, 0, 0, 255, 255, 0, 0), false],
  [
    'an IPv6 address in the range',
    ip(0x20, 1, 0xd, 0xb8, ...Array<number>(12).fill(1)),
    ip(0x20, 1, 0xd, 0xb8, ...Array<number>(12).fill(0), ...Array<number>(4).fill(255), ...Array<number>(12).fill(0)),
    true,
  ],
]

test.each(cases)('%s', (_name, given, base, within) => {
  expect(passes(given, 'permitted', base)).toBe(within)
  expect(passes(given, 'excluded', base)).toBe(!within)
})

test.each([
  ['a wildcard that covers the base', dns('*.example.com'), dns('a.example.com')],
  ['a trailing dot', dns('example.com.'), dns('other.com')],
  ['an empty name', dns(''), dns('other.com')],
  ['two at signs', email('a@b@example.com'), email('other.com')],
  ['a quoted local part', email('"a@b"@example.com'), email('other.com')],
  ['no at sign', email('example.com'), email('other.com')],
  ['a URI without a host', uri('urn:uuid:1'), uri('other.com')],
  ['a URI with an address', uri('https://10.0.0.1/'), uri('other.com')],
  ['a mailbox in other case', email('USER@example.com'), email('user@example.com')],
])('%s is excluded, and never permitted', (_name, given, base) => {
  expect(passes(given, 'permitted', base)).toBe(false)
  expect(passes(given, 'excluded', base)).toBe(false)
})

test('an address of the other family is outside of every range', () => {
  expect(passes(ip(...Array<number>(16).fill(10)), 'permitted', ip(10, 0, 0, 0, 255, 0, 0, 0))).toBe(false)
  expect(passes(ip(...Array<number>(16).fill(10)), 'excluded', ip(10, 0, 0, 0, 255, 0, 0, 0))).toBe(true)
})

test('allows names of a kind without constraints', () => {
  for (const given of [
    dns('evil.com'),
    uri('https://evil.com'),
    ip(1, 2, 3, 4),
    other('1.2.3', der.utf8('x')),
    directory(commonName('x')),
  ]) {
    expect(passes(given, 'permitted', email('example.com'))).toBe(true)
  }
  expect(passes(email('a@evil.com'), 'permitted', email('example.com'))).toBe(false)
})

test('one of several permitted subtrees suffices, and an exclusion overrides it', () => {
  expect(passes(dns('b.com'), 'permitted', dns('a.com'), dns('b.com'))).toBe(true)
  const both = der.sequence(
    der.context(0, 'constructed', der.sequence(dns('a.com'))),
    der.context(1, 'constructed', der.sequence(dns('secret.a.com'))),
  )
  expect(codeOf(() => checkNames([name(dns('a.com'))], readNameConstraints(both)))).toBeUndefined()
  expect(codeOf(() => checkNames([name(dns('x.secret.a.com'))], readNameConstraints(both)))).toBe(
    'CERTIFICATE_NAME_NOT_PERMITTED',
  )
})

test.each<[string, Uint8Array, string]>([
  ['no subtree at all', der.sequence(), 'CERTIFICATE_MALFORMED'],
  ['an empty list', der.sequence(der.context(0, 'constructed')), 'CERTIFICATE_MALFORMED'],
  [
    'a distance',
    der.sequence(
      der.context(0, 'constructed', der.sequence(dns('a.com'), der.context(0, 'primitive', Uint8Array.of(1)))),
    ),
    'CERTIFICATE_MALFORMED',
  ],
  ['a mask with holes', subtrees([ip(10, 0, 0, 0, 255, 0, 255, 0)], 'permitted'), 'CERTIFICATE_MALFORMED'],
  ['a range of seven octets', subtrees([ip(10, 0, 0, 0, 255, 0, 0)], 'permitted'), 'CERTIFICATE_MALFORMED'],
  ['a wildcard as base', subtrees([dns('*.a.com')], 'permitted'), 'CERTIFICATE_MALFORMED'],
])('rejects constraints with %s', (_name, value, code) => {
  expect(codeOf(() => readNameConstraints(value))).toBe(code)
})

test('reports constraints over unsupported kinds of names', () => {
  expect(readNameConstraints(subtrees([dns('a.com')], 'permitted')).isPartial).toBe(false)
  expect(readNameConstraints(subtrees([dns('a.com'), directory(commonName('x'))], 'permitted')).isPartial).toBe(true)
  expect(readNameConstraints(subtrees([other('1.2.3', der.utf8('x'))], 'excluded')).isPartial).toBe(true)
})
