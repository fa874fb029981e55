import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { HostOptions } from './client-options.ts'
import { anonymous, fixed } from './credentials.ts'
import { createRegistryClient } from './registry-client.ts'
import type { RegistrySession } from './session.ts'
import { startLoopbackRegistry } from '@verify-images/testing'
import type { LoopbackRegistryOptions, LoopbackRegistry } from '@verify-images/testing'
import { createTlsCertificate } from '@verify-images/testing'

const signal = new AbortController().signal
const trusted = createTlsCertificate({ host: '127.0.0.1' })
const registries: LoopbackRegistry[] = []
afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.close()
})

async function serve(options: LoopbackRegistryOptions): Promise<LoopbackRegistry> {
  const registry = await startLoopbackRegistry(options)
  registries.push(registry)
  registry.putManifest('app', { schemaVersion: 2, config: registry.putBlob('{}'), layers: [] }, { tag: '1' })
  return registry
}

function open({ host }: LoopbackRegistry, options: HostOptions = {}): RegistrySession {
  return createRegistryClient({ hosts: { [host]: options }, limits: { retryDelayMs: 1 } }).openSession()
}

test('a registry whose authority is given is read over HTTPS', async () => {
  const registry = await serve({ tls: trusted })
  await expect(
    open(registry, { certificateAuthority: trusted.cert }).fetchManifest(`${registry.host}/app`, '1', signal),
  ).resolves.toHaveProperty('digest')
})

test.each([
  ['of an unknown authority', trusted, createTlsCertificate({ host: '127.0.0.1' }).cert, 'untrusted-certificate'],
  ['that the system does not know', trusted, undefined, 'untrusted-certificate'],
  ['for another name', createTlsCertificate({ host: 'other.test' }), 'own', 'other-name-certificate'],
  [
    'that has expired',
    createTlsCertificate({ host: '127.0.0.1', notAfter: new Date('2021-01-01') }),
    'own',
    'expired-certificate',
  ],
  [
    'of tomorrow',
    createTlsCertificate({ host: '127.0.0.1', notBefore: new Date('2048-01-01') }),
    'own',
    'not-yet-valid-certificate',
  ],
])('a certificate %s is refused, and leads to nothing else', async (_, tls, authority, fault) => {
  const registry = await serve({ tls })
  const options = authority === undefined ? {} : { certificateAuthority: authority === 'own' ? tls.cert : authority }
  const session = open(registry, options).withCredentials(anonymous(), { key: 'k', insecure: true })
  await expect(session.fetchManifest(`${registry.host}/app`, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_TLS_INVALID',
    detail: { kind: 'registry-transport', stage: 'dial', fault, url: `https://${registry.host}/v2/app/manifests/1` },
  })
  expect(registry.requests).toEqual([])
  expect(session.cost.total).toBe(1)
})

test('plain HTTP is not spoken because an address is private or local', async () => {
  const registry = await serve({})
  await expect(open(registry).fetchManifest(`${registry.host}/app`, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_TLS_INVALID',
    detail: { fault: 'not-tls' },
  })
  expect(registry.requests).toEqual([])
})

test('plain HTTP is spoken where it was asked for by name', async () => {
  const registry = await serve({})
  const session = open(registry, { insecure: true })
  await expect(session.fetchManifest(`${registry.host}/app`, '1', signal)).resolves.toHaveProperty('digest')
  await expect(session.fetchManifest(`${registry.host}/app`, 'none', signal)).resolves.toMatchObject({
    detail: { url: expect.stringMatching(/^http:\/\/127/) as string },
  })
  expect(session.cost.total).toBe(2)
})

test('where a policy allows plain HTTP, HTTPS is tried first and once', async () => {
  const registry = await serve({})
  const session = open(registry).withCredentials(anonymous(), { key: 'k', insecure: true })
  await expect(session.fetchManifest(`${registry.host}/app`, '1', signal)).resolves.toHaveProperty('digest')
  await expect(session.fetchManifest(`${registry.host}/app`, 'none', signal)).resolves.toHaveProperty('notFound')
  expect(session.requests.map(({ status }) => status)).toEqual([0, 200, 404])
})

test('where a policy allows plain HTTP, a registry that speaks TLS is read over TLS', async () => {
  const registry = await serve({ tls: trusted })
  const session = open(registry, { certificateAuthority: trusted.cert }).withCredentials(anonymous(), {
    key: 'k',
    insecure: true,
  })
  await expect(session.fetchManifest(`${registry.host}/app`, '1', signal)).resolves.toHaveProperty('digest')
  expect(session.cost.total).toBe(1)
})

test('HTTPS is not left for HTTP by a redirect, not even to a host where that is spoken', async () => {
  const plain = await serve({})
  const registry = await serve({
    tls: trusted,
    faults: () => ({ status: 301, headers: { location: `${plain.endpoint}/v2/app/manifests/1` } }),
  })
  const hosts = { [registry.host]: { certificateAuthority: trusted.cert }, [plain.host]: { insecure: true } }
  const session = createRegistryClient({ hosts }).openSession()
  await expect(session.fetchManifest(`${registry.host}/app`, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_REDIRECT_REFUSED',
  })
  expect(plain.requests).toEqual([])
})

test('HTTPS is not left for HTTP by a realm, and no password goes there', async () => {
  const plain = await serve({})
  const registry = await serve({
    tls: trusted,
    faults: () => ({ status: 401, headers: { 'www-authenticate': `Bearer realm="${plain.endpoint}/token"` } }),
  })
  const hosts = {
    [registry.host]: { certificateAuthority: trusted.cert, tokenServers: [plain.host] },
    [plain.host]: { insecure: true },
  }
  const session = createRegistryClient({
    hosts,
    credentials: fixed(registry.host, { kind: 'basic', username: 'u', password: 'p' }),
  }).openSession()
  await expect(session.fetchManifest(`${registry.host}/app`, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_REALM_REFUSED',
  })
  expect(plain.requests).toEqual([])
})

test('a peer that refuses the handshake is told with its alert', async () => {
  const registry = await serve({
    tls: { ...trusted, ...{ minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_CCM_SHA256' } },
  })
  await expect(
    open(registry, { certificateAuthority: trusted.cert }).fetchManifest(`${registry.host}/app`, '1', signal),
  ).rejects.toMatchObject({
    code: 'REGISTRY_TLS_INVALID',
    detail: { fault: 'tls-alert:handshake failure' },
  })
})

test.each(['127.0.0.1', '127.1', '2130706433', '0x7f000001', 'localhost'])(
  'this machine is no registry unless it is named: %s',
  async (name) => {
    const registry = await serve({ tls: trusted })
    const { port } = new URL(registry.endpoint)
    const session = createRegistryClient({ registryReach: 'private' }).openSession()
    await expect(session.fetchManifest(`${name}:${port}/app`, '1', signal)).rejects.toMatchObject({
      code: 'REGISTRY_ADDRESS_REFUSED',
      detail: undefined,
    })
    expect(registry.requests).toEqual([])
  },
)

test.each(['169.254.169.254', '10.0.0.1', '192.168.0.1:5000', '[fd00:ec2::254]:443'])(
  'with `registryReach: public` no registry is at %s',
  async (host) => {
    const session = createRegistryClient({ registryReach: 'public' }).openSession()
    await expect(session.fetchManifest(`${host}/app`, '1', signal)).rejects.toMatchObject({
      code: 'REGISTRY_ADDRESS_REFUSED',
    })
  },
)

test('the control: the port of these tests is open', async () => {
  const registry = await serve({ tls: trusted })
  await new Promise<void>((done, fail) => {
    const socket = connect(Number(new URL(registry.endpoint).port), '127.0.0.1', () => {
      socket.destroy()
      done()
    }).on('error', fail)
  })
})
