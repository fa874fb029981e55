import { expect, test } from 'vitest'
import { anonymous, firstOf, fixed } from './credentials.ts'
import type { Credential } from './credentials.ts'

const signal = new AbortController().signal
const basic: Credential = { kind: 'basic', username: 'u', password: 'p' }

test.each([
  ['registry.test', 'registry.test/app', true],
  ['REGISTRY.test', 'registry.test/app', true],
  ['registry.test:5000', 'registry.test:5000/app', true],
  ['docker.io', 'index.docker.io/library/nginx', true],
  ['registry.test', 'registry.test:5000/app', false],
  ['registry.test:5000', 'registry.test/app', false],
  ['registry.test', 'registry.test.evil.com/app', false],
  ['registry.test', 'my-registry.test/app', false],
  ['test', 'registry.test/app', false],
  ['docker.io', 'notdocker.io/app', false],
])('a credential for %s is shown to %s: %s', async (host, repository, expected) => {
  await expect(fixed(host, basic).credentialFor(repository, signal)).resolves.toEqual(
    expected ? basic : { kind: 'anonymous' },
  )
})

test('returns the first credential that is not anonymous', async () => {
  const other: Credential = { kind: 'bearer', token: 't' }
  const provider = firstOf(anonymous(), fixed('a.test', basic), fixed('a.test', other))
  await expect(provider.credentialFor('a.test/app', signal)).resolves.toEqual(basic)
  await expect(provider.credentialFor('b.test/app', signal)).resolves.toEqual({ kind: 'anonymous' })
})

test('a provider that fails ends the search', async () => {
  const broken = { credentialFor: () => Promise.reject(new Error('vault sealed')) }
  await expect(firstOf(broken, fixed('a.test', basic)).credentialFor('a.test/app', signal)).rejects.toThrow(
    'vault sealed',
  )
})

// What callers without types may write.
test.each<[string, () => unknown, string]>([
  ['an invalid host', () => fixed('https://registry.test', basic), 'REGISTRY_OPTIONS_INVALID'],
  ['no host', () => fixed(undefined as never, basic), 'REGISTRY_OPTIONS_INVALID'],
  ['no credential', () => fixed('registry.test', undefined as never), 'REGISTRY_CREDENTIALS_INVALID'],
  [
    'a credential of no kind',
    () => fixed('registry.test', { username: 'u', password: 'p4ss' } as never),
    'REGISTRY_CREDENTIALS_INVALID',
  ],
  ['an invalid source', () => firstOf(anonymous(), undefined as never), 'REGISTRY_OPTIONS_INVALID'],
  ['sources in a list', () => firstOf([anonymous()] as never), 'REGISTRY_OPTIONS_INVALID'],
])('refuses %s at once', (_, make, code) => {
  expect(make).toThrow(expect.objectContaining({ code, message: expect.not.stringContaining('p4ss') }))
})
