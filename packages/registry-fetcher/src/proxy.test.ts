import { createServer } from 'node:http'
import { createTlsCertificate, startLoopbackRegistry } from '@verify-images/testing'
import { startConnectProxy, type ConnectProxy } from '@verify-images/testing/internal'
import { afterEach, describe, expect, test } from 'vitest'
import type { RegistryClientOptions } from './client-options.ts'
import { createProxyFinder } from './proxy.ts'
import { createRegistryClient } from './registry-client.ts'

const proxied = (environment: Readonly<Record<string, string>>, url: string): string | undefined =>
  createProxyFinder(environment)(new URL(url))?.host

test.each([
  ['https://r.test/', { HTTPS_PROXY: 'http://p.test:3128' }, 'p.test:3128'],
  ['https://r.test/', { https_proxy: 'p.test:3128' }, 'p.test:3128'],
  ['https://r.test/', { HTTPS_PROXY: 'http://a.test', https_proxy: 'http://b.test' }, 'a.test'],
  ['https://r.test/', { HTTP_PROXY: 'http://p.test' }, undefined],
  ['http://r.test/', { HTTP_PROXY: 'http://p.test' }, 'p.test'],
  ['https://localhost:5000/', { HTTPS_PROXY: 'http://p.test' }, undefined],
  ['https://127.0.0.1/', { HTTPS_PROXY: 'http://p.test' }, undefined],
  ['https://[::1]/', { HTTPS_PROXY: 'http://p.test' }, undefined],
  ['https://r.test/', {}, undefined],
])('the proxy for %s with %j is %s', (url, environment, host) => {
  expect(proxied(environment, url)).toBe(host)
})

test.each([
  ['*', 'https://r.test/', true],
  ['r.test', 'https://r.test/', true],
  ['r.test', 'https://sub.r.test/', true],
  ['r.test', 'https://xr.test/', false],
  ['.r.test', 'https://sub.r.test/', true],
  ['.r.test', 'https://r.test/', false],
  ['*.r.test', 'https://sub.r.test/', true],
  ['R.TEST', 'https://r.test/', true],
  ['a.test, r.test', 'https://r.test/', true],
  ['r.test:443', 'https://r.test/', true],
  ['r.test:5000', 'https://r.test/', false],
  ['10.0.0.0/8', 'https://10.1.2.3/', true],
  ['10.0.0.0/8', 'https://11.1.2.3/', false],
  ['10.0.0.0/99', 'https://10.1.2.3/', false],
  ['fd00::/8', 'https://[fd00::1]/', true],
  ['10.1.2.3', 'https://10.1.2.3/', true],
  ['[fd00::1]', 'https://[fd00::1]/', true],
  ['2.3', 'https://10.1.2.3/', false],
  ['', 'https://r.test/', false],
])('NO_PROXY=%s excepts %s: %s', (exceptions, url, isExcepted) => {
  const host = proxied({ HTTPS_PROXY: 'http://p.test', NO_PROXY: exceptions }, url)
  expect(host).toBe(isExcepted ? undefined : 'p.test')
})

describe('a registry behind a proxy', () => {
  const certificate = createTlsCertificate({ host: 'registry.example.com' })
  const closers: (() => void | Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0)) await close()
  })

  async function start(location?: string): Promise<{
    readonly asked: ConnectProxy['asked']
    readonly read: (options?: RegistryClientOptions) => Promise<unknown>
  }> {
    const registry = await startLoopbackRegistry({
      tls: certificate,
      faults: ({ path }) =>
        location !== undefined && path.includes('/manifests/') ? { status: 307, headers: { location } } : undefined,
    })
    closers.push(() => registry.close())
    registry.putManifest('app', { schemaVersion: 2, layers: [] }, { tag: '1' })
    const { host, asked, close } = await startConnectProxy(registry.endpoint)
    closers.push(close)
    const proxy = { HTTPS_PROXY: `http://u:p@${host}` }
    const read = (options: RegistryClientOptions = {}): Promise<unknown> => {
      const client = createRegistryClient({
        proxy,
        certificateAuthority: certificate.cert,
        limits: { retryDelayMs: 1, requestMs: 5_000 },
        ...options,
      })
      closers.push(() => client.close())
      return client.openSession().fetchManifest('registry.example.com/app', '1')
    }
    return { asked, read }
  }

  test('a registry behind a proxy is read through the proxy, with an authority that the options add', async () => {
    const { asked, read } = await start()
    expect(await read()).toHaveProperty('digest')
    expect(asked).toEqual([{ authority: 'registry.example.com:443', authorization: 'Basic dTpw' }])
  })

  test('control: without the authority its certificate is not trusted', async () => {
    const { read } = await start()
    const other = createTlsCertificate({ host: 'registry.example.com' }).cert
    await expect(read({ certificateAuthority: other })).rejects.toMatchObject({ code: 'REGISTRY_TLS_INVALID' })
  })

  test.each([
    ['another host', 'https://storage.example.org/v2/app/manifests/1', 'storage.example.org'],
    ['another host of the same domain', 'https://storage.example.com/', 'storage.example.com'],
    ['a literal address', 'https://169.254.169.254/', '169.254.169.254'],
  ])('that redirects to %s is not followed, because the address cannot be checked', async (_, location, host) => {
    const { asked, read } = await start(location)
    await expect(read()).rejects.toMatchObject({
      code: 'REGISTRY_ADDRESS_REFUSED',
      message: expect.stringContaining(`\`${host}\``) as string,
    })
    expect(asked).toEqual([{ authority: 'registry.example.com:443', authorization: 'Basic dTpw' }])
  })

  test('control: a redirect to a host that the options list is followed', async () => {
    const { asked, read } = await start('https://storage.example.org/')
    await expect(read({ hosts: { 'storage.example.org': {} } })).rejects.toMatchObject({ code: 'REGISTRY_TLS_INVALID' })
    expect(asked).toHaveLength(2)
  })

  test('names the proxy, not the registry, where the proxy refuses the connection', async () => {
    const closed = createServer()
    await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done))
    const host = `127.0.0.1:${String(Object(closed.address()).port)}`
    await new Promise((done) => closed.close(done))
    const { read } = await start()
    await expect(read({ proxy: { HTTPS_PROXY: `http://u:secret@${host}` } })).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringContaining(
        `the proxy \`${host}\` for \`registry.example.com\` refused the connection`,
      ) as string,
    })
  })

  test('says that it went through the proxy, where the proxy opens no tunnel', async () => {
    const proxy = createServer()
    proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'))
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
    closers.push(() => void proxy.close())
    const host = `127.0.0.1:${String(Object(proxy.address()).port)}`
    const { read } = await start()
    await expect(read({ proxy: { HTTPS_PROXY: `http://u:secret@${host}` } })).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringContaining(
        `\`registry.example.com\` could not be reached through the proxy \`${host}\` `,
      ) as string,
    })
  })
})
