import { expect, test } from 'vitest'
import { checkUri, ipText } from './general-name.ts'

test.each([
  ['0a000001', '10.0.0.1'],
  ['20010db8000000000000000000000001', '2001:db8::1'],
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000000000001', '::1'],
  ['00010000000000000000000000000000', '1::'],
  ['00010000000200030004000500060007', '1:0:2:3:4:5:6:7'],
  ['00010000000000020000000000000003', '1:0:0:2::3'],
  ['00000000000000000000ffff01020304', '1.2.3.4'],
  ['0a0000', undefined],
  ['', undefined],
])('prints the address %s as %s', (hex, text) => {
  expect(ipText(Buffer.from(hex, 'hex'))).toBe(text)
})

test.each([
  'https://github.com/acme/app/.github/workflows/release.yaml@refs/tags/v1',
  'https://evil.io/?https://github.com/acme/x',
  'spiffe://example.org/ns/prod/sa/builder',
  'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
  'https://user@example.com/%20',
  'ldap:///CN=x',
])('accepts the URI %s', (text) => {
  expect(() => checkUri(text)).not.toThrow()
})

test.each([
  '',
  'user@example.com',
  '//example.com/x',
  'https://exa mple.com',
  'https://example.com/a b',
  'https://example.com/^',
  'https://example.com/%2',
  'HTTPS://example.com',
  'https://',
  'https://#.b',
  'https://?a',
  'https://user@/x',
  'https://a|b.c/',
  'https://a..b/',
  'https://.a/',
  'https://user@.a/',
  'https://[::1]/',
  'https://a:80/',
  'https://a%2eb/',
  '1a:b',
  ':a',
])('rejects %j, which is not an absolute URI with a plain host', (text) => {
  expect(() => checkUri(text)).toThrow(expect.objectContaining({ code: 'CERTIFICATE_MALFORMED' }))
})
