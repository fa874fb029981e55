import { expect, test } from 'vitest'
import { checkUri } from './uri.ts'

test.each([
  'https://github.com/acme/app/.github/workflows/release.yaml@refs/tags/v1',
  'https://evil.io/?https://github.com/acme/x',
  'spiffe://example.org/ns/prod/sa/builder',
  'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
  'https://user@example.com/%20',
  'ldap:///CN=x',
])('%s is one', (text) => {
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
])('%j is none', (text) => {
  expect(() => checkUri(text)).toThrow(expect.objectContaining({ code: 'CERTIFICATE_MALFORMED' }))
})
