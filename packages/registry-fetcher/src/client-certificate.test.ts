import { createTlsCertificate, startLoopbackRegistry, type LoopbackRegistry } from '@verify-images/testing'
import { afterEach, expect, test } from 'vitest'
import type { HostOptions } from './client-options.ts'
import { createRegistryClient } from './registry-client.ts'

const server = createTlsCertificate({ host: '127.0.0.1' })
const client = createTlsCertificate({ host: 'client.test' })
const clientCertificate = { certificate: client.cert, key: client.key }
const registries: LoopbackRegistry[] = []
afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.close()
})

async function read(options: HostOptions): Promise<unknown> {
  const registry = await startLoopbackRegistry({
    tls: { ...server, ca: client.cert, requestCert: true, rejectUnauthorized: true },
  })
  registries.push(registry)
  registry.putManifest('app', { schemaVersion: 2, layers: [] }, { tag: '1' })
  return createRegistryClient({
    hosts: { 'registry.test': { endpoint: registry.endpoint, certificateAuthority: server.cert, ...options } },
    limits: { retryDelayMs: 1 },
  })
    .openSession()
    .fetchManifest('registry.test/app', '1')
}

test('shows its certificate to a registry that wants one', async () => {
  await expect(read({ clientCertificate })).resolves.toHaveProperty('digest')
})

test('control: the registry refuses a client without it', async () => {
  await expect(read({})).rejects.toMatchObject({ name: 'RegistryError' })
})

test.each([
  { certificate: client.cert, key: server.key },
  { certificate: 'x', key: client.key },
])('refuses a certificate and a key that do not belong together', (given) => {
  expect(() => createRegistryClient({ hosts: { 'r.test': { clientCertificate: given } } })).toThrow(
    '`hosts.r.test.clientCertificate`: expected `certificate` and its `key` in PEM',
  )
})
