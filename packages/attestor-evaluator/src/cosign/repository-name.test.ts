import { expect, test } from 'vitest'
import { hasAnnotations } from './simple-signing.ts'
import { parseRepository } from './repository-name.ts'

test.each([
  ['registry.test/signatures', 'registry.test/signatures'],
  ['registry.test:5000/a/b', 'registry.test:5000/a/b'],
  ['localhost/a/b', 'localhost/a/b'],
  ['acme/signatures', 'index.docker.io/acme/signatures'],
  ['signatures', 'index.docker.io/library/signatures'],
  ['docker.io/acme/signatures', 'index.docker.io/acme/signatures'],
  ['docker.io/signatures', 'index.docker.io/library/signatures'],
  ['GHCR.io/acme/signatures', 'ghcr.io/acme/signatures'],
  ['[::1]:5000/signatures', '[::1]:5000/signatures'],
])('%s is %s', (text, name) => {
  expect(parseRepository(text)).toBe(name)
})

test.each([
  ['::', 'repository can only contain the characters `abcdefghijklmnopqrstuvwxyz0123456789_-./`: ::'],
  ['Registry/Upper', 'repository can only contain the characters `abcdefghijklmnopqrstuvwxyz0123456789_-./`: RU'],
  ['registry.test/a', 'repository must be between 2 and 255 characters in length: a'],
  ['registry.test/app:tag', 'repository can only contain the characters `abcdefghijklmnopqrstuvwxyz0123456789_-./`: :'],
  ['user@registry.test/app', 'registries must be valid RFC 3986 URI authorities: user@registry.test'],
  ['registry.test:0/app', 'registries must be valid RFC 3986 URI authorities: registry.test:0'],
  ['', 'repository must be between 2 and 255 characters in length: '],
])('%j is not a repository name', (text, problem) => {
  expect(() => parseRepository(text)).toThrow(
    expect.objectContaining({
      code: 'ATTESTOR_POLICY_INVALID',
      details: expect.objectContaining({
        detail: { kind: 'attestor-repository-name-invalid', repository: text, problem },
      }),
    }),
  )
})

test('annotations compare by own names and whole values', () => {
  expect(hasAnnotations({ a: 'b', c: 'd' }, { a: 'b' })).toBe(true)
  expect(hasAnnotations({ a: 'b' }, {})).toBe(true)
  expect(hasAnnotations({ a: 'b' }, { a: 'B' })).toBe(false)
  expect(hasAnnotations({}, { a: '' })).toBe(false)
  expect(hasAnnotations({}, Object.fromEntries([['__proto__', '']]))).toBe(false)
})
