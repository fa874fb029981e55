import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { HostOptions } from './client-options.ts'
import { anonymous, fixed } from './credentials.ts'
import type { CredentialProvider } from './credentials.ts'
import { createRegistryClient } from './registry-client.ts'
import type { RegistrySession } from './session.ts'
import { startLoopbackRegistry } from '@verify-images/testing'
import type { Fault, LoggedRequest, LoopbackRegistryOptions, LoopbackRegistry } from '@verify-images/testing'
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

test('reads a registry over HTTPS with its certificate authority', async () => {
  const registry = await serve({ tls: trusted })
  await expect(
    open(registry, { certificateAuthority: trusted.cert }).fetchManifest(`${registry.host}/app`, '1', signal),
  ).resolves.toHaveProperty('digest')
})

test.each([
  ['by an unknown authority', trusted, createTlsCertificate({ host: '127.0.0.1' }).cert, 'untrusted-certificate'],
  ['that the system does not trust', trusted, undefined, 'untrusted-certificate'],
  ['for another name', createTlsCertificate({ host: 'other.test' }), 'own', 'other-name-certificate'],
  [
    'that has expired',
    createTlsCertificate({ host: '127.0.0.1', notAfter: new Date('2021-01-01') }),
    'own',
    'expired-certificate',
  ],
  [
    'that is not valid yet',
    createTlsCertificate({ host: '127.0.0.1', notBefore: new Date('2048-01-01') }),
    'own',
    'not-yet-valid-certificate',
  ],
])('refuses a certificate %s, and does not fall back to HTTP', async (_, tls, authority, fault) => {
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

test('names the names in a certificate for another host', async () => {
  const tls = createTlsCertificate({ host: 'other.test' })
  const registry = await serve({ tls })
  const session = open(registry, { certificateAuthority: tls.cert })
  await expect(session.fetchManifest(`${registry.host}/app`, '1', signal)).rejects.toMatchObject({
    message: expect.stringContaining('has a certificate for another name, `DNS:other.test` (GET https://') as string,
  })
})

test('does not use plain HTTP because an address is private or local', async () => {
  const registry = await serve({})
  await expect(open(registry).fetchManifest(`${registry.host}/app`, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_TLS_INVALID',
    detail: { fault: 'not-tls' },
  })
  expect(registry.requests).toEqual([])
})

test('uses plain HTTP for a host with `insecure`', async () => {
  const registry = await serve({})
  const session = open(registry, { insecure: true })
  await expect(session.fetchManifest(`${registry.host}/app`, '1', signal)).resolves.toHaveProperty('digest')
  await expect(session.fetchManifest(`${registry.host}/app`, 'none', signal)).resolves.toMatchObject({
    detail: { url: expect.stringMatching(/^http:\/\/127/) as string },
  })
  expect(session.cost.total).toBe(2)
})

describe('a host with `allowInsecure`', () => {
  const credentials = (host: string): CredentialProvider => fixed(host, { kind: 'basic', username: 'u', password: 'p' })
  const wantsPassword = ({ headers: { authorization } }: LoggedRequest): Fault | undefined =>
    authorization === 'Basic dTpw' ? undefined : { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }

  test('a host with `allowInsecure` is read over TLS with a certificate for another name, and with its password', async () => {
    const tls = createTlsCertificate({ host: 'other.test' })
    const registry = await serve({ tls, faults: wantsPassword })
    const session = open(registry, {
      allowInsecure: true,
      certificateAuthority: tls.cert,
      credentials: credentials(registry.host),
    })
    await expect(session.fetchManifest(`${registry.host}/app`, '1', signal)).resolves.toHaveProperty('digest')
  })

  test('control: an authority that is not trusted stays an error, and is not answered with plain HTTP', async () => {
    const registry = await serve({ tls: trusted })
    await expect(
      open(registry, { allowInsecure: true }).fetchManifest(`${registry.host}/app`, '1', signal),
    ).rejects.toMatchObject({ code: 'REGISTRY_TLS_INVALID' })
  })

  test('shares neither connections nor TLS sessions with a host at the same address whose name is checked', async () => {
    const tls = createTlsCertificate({ host: 'other.test' })
    const registry = await serve({ tls })
    const certificateAuthority = tls.cert
    const hosts = {
      [registry.host]: { certificateAuthority, allowInsecure: true },
      'strict.test': { certificateAuthority, endpoint: registry.endpoint },
    }
    const session = createRegistryClient({ hosts, limits: { retryDelayMs: 1 } }).openSession()
    await expect(session.fetchManifest(`${registry.host}/app`, '1', signal)).resolves.toHaveProperty('digest')
    await expect(session.fetchManifest('strict.test/app', '1', signal)).rejects.toMatchObject({
      code: 'REGISTRY_TLS_INVALID',
      detail: { fault: 'other-name-certificate' },
    })
    expect(registry.requests).toHaveLength(1)
  })

  test('a host with `allowInsecure` is read over plain HTTP if it does not speak TLS', async () => {
    const registry = await serve({})
    const session = open(registry, { allowInsecure: true })
    await expect(session.fetchManifest(`${registry.host}/app`, '1', signal)).resolves.toHaveProperty('digest')
    expect(session.requests.map(({ status }) => status)).toEqual([0, 200])
  })

  test('gets no password over plain HTTP, unless that is asked for', async () => {
    const registry = await serve({ faults: wantsPassword })
    const options = { allowInsecure: true, credentials: credentials(registry.host) }
    await expect(open(registry, options).fetchManifest(`${registry.host}/app`, '1', signal)).rejects.toMatchObject({
      code: 'REGISTRY_UNAUTHORIZED',
      message: expect.stringContaining('sendPlainCredentials') as string,
    })
    expect(registry.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
    const asked = open(registry, { ...options, sendPlainCredentials: true })
    await expect(asked.fetchManifest(`${registry.host}/app`, '1', signal)).resolves.toHaveProperty('digest')
  })

  test('a registry over plain HTTP is not believed that something is missing if it was not shown the password', async () => {
    const registry = await serve({})
    const options = { allowInsecure: true, credentials: credentials(registry.host) }
    await expect(open(registry, options).fetchManifest(`${registry.host}/app`, 'none', signal)).rejects.toMatchObject({
      code: 'REGISTRY_UNAUTHORIZED',
      message: expect.stringContaining('its credential is not sent over plain HTTP') as string,
    })
    const control = open(registry, { allowInsecure: true })
    await expect(control.fetchManifest(`${registry.host}/app`, 'none', signal)).resolves.toHaveProperty('notFound')
  })
})

test('tries HTTPS first, and once, if a policy allows plain HTTP', async () => {
  const registry = await serve({})
  const session = open(registry).withCredentials(anonymous(), { key: 'k', insecure: true })
  await expect(session.fetchManifest(`${registry.host}/app`, '1', signal)).resolves.toHaveProperty('digest')
  await expect(session.fetchManifest(`${registry.host}/app`, 'none', signal)).resolves.toHaveProperty('notFound')
  expect(session.requests.map(({ status }) => status)).toEqual([0, 200, 404])
})

test('reads a registry that speaks TLS over TLS if a policy allows plain HTTP', async () => {
  const registry = await serve({ tls: trusted })
  const session = open(registry, { certificateAuthority: trusted.cert }).withCredentials(anonymous(), {
    key: 'k',
    insecure: true,
  })
  await expect(session.fetchManifest(`${registry.host}/app`, '1', signal)).resolves.toHaveProperty('digest')
  expect(session.cost.total).toBe(1)
})

test('refuses a redirect from HTTPS to HTTP, also to a host with `insecure`', async () => {
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

test('refuses a realm with HTTP for an HTTPS registry, and sends no password there', async () => {
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

test('reports the alert of a server that refuses the handshake', async () => {
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
  'refuses this machine as a registry unless the options name it: %s',
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
  'refuses a registry at %s with `registryReach: public`',
  async (host) => {
    const session = createRegistryClient({ registryReach: 'public' }).openSession()
    await expect(session.fetchManifest(`${host}/app`, '1', signal)).rejects.toMatchObject({
      code: 'REGISTRY_ADDRESS_REFUSED',
    })
  },
)

test('control: the port of these tests is open', async () => {
  const registry = await serve({ tls: trusted })
  await new Promise<void>((done, fail) => {
    const socket = connect(Number(new URL(registry.endpoint).port), '127.0.0.1', () => {
      socket.destroy()
      done()
    }).on('error', fail)
  })
})
