import { expect, test } from 'vitest'
import type { RegistryClientOptions } from './client-options.ts'
import { createRegistryClient } from './registry-client.ts'

test.each<[string, RegistryClientOptions]>([
  ['a host with a path', { hosts: { 'registry.test/app': {} } }],
  ['a host with a scheme', { hosts: { 'https://registry.test': {} } }],
  ['a host twice', { hosts: { 'docker.io': {}, 'index.docker.io': {} } }],
  ['an endpoint of another scheme', { hosts: { 'r.test': { endpoint: 'ftp://r.test' } } }],
  ['an endpoint without a scheme', { hosts: { 'r.test': { endpoint: '127.0.0.1:5000' } } }],
  ['an endpoint with a password', { hosts: { 'r.test': { endpoint: 'http://u:p@r.test' } } }],
  ['an endpoint with a query', { hosts: { 'r.test': { endpoint: 'http://r.test?x' } } }],
  ['an endpoint and `insecure`', { hosts: { 'r.test': { endpoint: 'https://r.test', insecure: true } } }],
  ['an authority that is not PEM', { hosts: { 'r.test': { certificateAuthority: 'x' } } }],
  [
    'an authority that is not a certificate',
    { hosts: { 'r.test': { certificateAuthority: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' } } },
  ],
  ['a token server with a path', { hosts: { 'r.test': { tokenServers: ['auth.test/token'] } } }],
  ['a limit of 0', { limits: { tries: 0 } }],
  ['an infinite limit', { limits: { manifestBytes: Infinity } }],
  // JavaScript callers can pass these.
  ['an unknown limit', { limits: { triez: 1 } as object }],
  ['a limit named like a property', { limits: JSON.parse('{"__proto__":1}') as object }],
  ['an unknown reach', { registryReach: 'any' as 'public' }],
  ['an unknown option', { registryreach: 'public' } as object],
  ['an unknown option of a host', { hosts: { 'r.test': { insecur: false } } } as object],
  ['a host that is a string', { hosts: { 'r.test': 'http://127.0.0.1:5000' } } as object],
  ['hosts as an array', { hosts: ['r.test'] } as object],
  ['`insecure` as a string', { hosts: { 'r.test': { insecure: 'no' } } } as object],
  ['an endpoint that is not a string', { hosts: { 'r.test': { endpoint: new URL('https://r.test') } } } as object],
  ['token servers as one string', { hosts: { 'r.test': { tokenServers: 'auth.test' } } } as object],
  ['credentials as a string', { credentials: 'u:p4ss' } as object],
  ['a credential instead of a provider', { credentials: { kind: 'basic', username: 'u', password: 'p4ss' } } as object],
  ['a `fetch` that is not a function', { fetch: 'fetch' } as object],
  ['limits as a number', { limits: 5 } as object],
  ['options as a string', 'p4ss' as unknown as object],
  ['null', null as unknown as object],
])('refuses %s', (_, options) => {
  expect(() => createRegistryClient(options)).toThrow(
    expect.objectContaining({ code: 'REGISTRY_OPTIONS_INVALID', message: expect.not.stringContaining('p4ss') }),
  )
})

test('accepts valid options, and sends no request', () => {
  const client = createRegistryClient({
    hosts: {
      'r.test:5000': { endpoint: 'http://127.0.0.1:1/mirror/' },
      's.test': {},
      't.test': { insecure: true, tokenServers: ['auth.test'] },
    },
    limits: { tries: 1 },
  })
  expect(client.openSession().cost).toEqual({ total: 0, byHost: {} })
  client.close()
})

test('names the option, what was expected and what was given', () => {
  const refused = (message: string): unknown => expect.objectContaining({ message })
  expect(() => createRegistryClient({ credential: {} } as object)).toThrow(
    refused('`credential`: unknown option, did you mean `credentials`?'),
  )
  expect(() => createRegistryClient({ hosts: { 'r.test': { insecure: 1 } } } as object)).toThrow(
    refused('`hosts.r.test.insecure`: expected a boolean, got 1'),
  )
  expect(() => createRegistryClient({ credentials: ['u', 'p'] } as object)).toThrow(
    refused('`credentials`: expected a credential provider with `credentialFor`, got an array'),
  )
})

test.each([null, { deadlineMS: 5 }, { deadlineMs: '5' }, { deadlineMs: 0 }, { deadlineMs: 2 ** 31 }, { signal: {} }])(
  'a session refuses %j',
  (options) => {
    expect(() => createRegistryClient().openSession(options as object)).toThrow(
      expect.objectContaining({ code: 'REGISTRY_OPTIONS_INVALID' }),
    )
  },
)

test.each([undefined, {}, { key: 5 }, { key: 'a', insecure: 'no' }, { key: 'a', insecur: true }])(
  'a view of a session requires a key, and refuses %j',
  (view) => {
    const session = createRegistryClient().openSession()
    expect(() => session.withCredentials(undefined, view as never)).toThrow(
      expect.objectContaining({ code: 'REGISTRY_OPTIONS_INVALID' }),
    )
    expect(() => session.withCredentials({} as never, { key: 'a' })).toThrow(
      expect.objectContaining({ code: 'REGISTRY_OPTIONS_INVALID' }),
    )
  },
)
