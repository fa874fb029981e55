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
  ['an authority that is no PEM', { hosts: { 'r.test': { certificateAuthority: 'x' } } }],
  ['an authority that is broken', { hosts: { 'r.test': { certificateAuthority: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' } } }],
  ['a token server with a path', { hosts: { 'r.test': { tokenServers: ['auth.test/token'] } } }],
  ['a limit of nothing', { limits: { tries: 0 } }],
  ['a limit without end', { limits: { sessionBytes: Infinity } }],
  // What callers without types may write.
  ['an unknown limit', { limits: { triez: 1 } as object }],
  ['a limit named like a property', { limits: JSON.parse('{"__proto__":1}') as object }],
  ['an unknown reach', { registryReach: 'any' as 'public' }],
])('refuses %s', (_, options) => {
  expect(() => createRegistryClient(options)).toThrow(expect.objectContaining({ code: 'REGISTRY_OPTIONS_INVALID' }))
})

test('takes what is in order, and does nothing with it yet', () => {
  const client = createRegistryClient({
    hosts: { 'r.test:5000': { endpoint: 'http://127.0.0.1:1/mirror/' }, 's.test': {}, 't.test': { insecure: true, tokenServers: ['auth.test'] } },
    limits: { tries: 1 },
  })
  expect(client.openSession().cost).toEqual({ total: 0, byHost: {} })
  client.close()
})
