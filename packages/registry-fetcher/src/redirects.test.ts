import { afterEach, expect, test } from 'vitest'
import type { HostOptions } from './client-options.ts'
import { fixed } from './credentials.ts'
import { createRegistryClient } from './registry-client.ts'
import type { RegistrySession } from './session.ts'
import { startLoopbackRegistry } from '@verify-images/testing'
import type { LoopbackRegistry, LoggedRequest, Fault } from '@verify-images/testing'

const signal = new AbortController().signal
const APP = 'registry.test/app'
const registries: LoopbackRegistry[] = []
afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.close()
})

async function serve(
  faults: (request: LoggedRequest) => Fault | undefined = () => undefined,
): Promise<LoopbackRegistry> {
  const registry = await startLoopbackRegistry({ faults })
  registries.push(registry)
  return registry
}

function open(registry: LoopbackRegistry, hosts: Readonly<Record<string, HostOptions>> = {}): RegistrySession {
  const credentials = fixed('registry.test', { kind: 'basic', username: 'u', password: 'p' })
  return createRegistryClient({
    credentials,
    hosts: { ...hosts, 'registry.test': { endpoint: registry.endpoint } },
    limits: { retryDelayMs: 1 },
  }).openSession()
}

/** Requires a password, then redirects. */
const sendTo =
  (location: string, status = 307) =>
  ({ headers }: LoggedRequest): Fault =>
    headers.authorization === undefined
      ? { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
      : { status, headers: { location } }

test.each([301, 302, 303, 307, 308])('follows a %i for a blob, without the password', async (status) => {
  const storage = await serve()
  const blob = storage.putBlob('payload')
  const registry = await serve(sendTo(`http://storage.test/v2/app/blobs/${blob.digest}?X-Signature=s3cret#x`, status))
  const session = open(registry, { 'storage.test': { endpoint: storage.endpoint } })
  await expect(session.fetchBlob(APP, blob, 100, signal)).resolves.toBeInstanceOf(Uint8Array)
  expect(registry.requests.at(-1)?.headers.authorization).toBe('Basic dTpw')
  expect(storage.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    [`/v2/app/blobs/${blob.digest}?X-Signature=s3cret`, undefined],
  ])
  expect(session.requests.at(-1)).toEqual({
    method: 'GET',
    host: 'storage.test',
    path: `/v2/app/blobs/${blob.digest}?X-Signature=REDACTED`,
    status: 200,
  })
  expect(session.cost).toEqual({ total: 3, byHost: { 'registry.test': 2, 'storage.test': 1 } })
})

test('checks the digest of a blob from another host', async () => {
  const storage = await serve(() => ({ status: 200, body: 'paYload' }))
  const blob = storage.putBlob('payload')
  const registry = await serve(sendTo('http://storage.test/x'))
  await expect(
    open(registry, { 'storage.test': { endpoint: storage.endpoint } }).fetchBlob(APP, blob, 100, signal),
  ).rejects.toMatchObject({ code: 'REGISTRY_DIGEST_MISMATCH' })
})

test('sends the password after a redirect within the origin', async () => {
  const registry = await serve(({ path, headers }) => {
    if (headers.authorization === undefined) return { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
    return path.startsWith('/moved')
      ? { status: 200, body: 'payload' }
      : { status: 302, headers: { location: '/moved' } }
  })
  await open(registry).fetchBlob(APP, registry.putBlob('payload'), 100, signal)
  expect(registry.requests.at(-1)?.headers.authorization).toBe('Basic dTpw')
})

test.each([
  ['a file', 'file:///etc/passwd'],
  ['data', 'data:,payload'],
  ['another protocol', 'ftp://storage.test/x'],
  ['a password', 'https://u:p@storage.test/'],
  ['plain HTTP that the options do not name', 'http://storage.test/'],
  ['a URL beyond the length limit', `https://storage.test/${'a'.repeat(9000)}`],
  ['an invalid URL', 'https://['],
])('refuses a redirect to %s', async (_, location) => {
  const registry = await serve(sendTo(location))
  await expect(open(registry).fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_REDIRECT_REFUSED',
  })
  expect(registry.requests.length).toBe(2)
})

test.each([
  'https://169.254.169.254/latest/meta-data',
  'https://[::ffff:169.254.169.254]/',
  'https://2852039166/',
  'https://0xa9.254.169.254/',
  'https://[fd00:ec2::254]/',
  'https://127.0.0.1/',
  'https://127.1/',
  'https://[::1]/',
  'https://localhost/',
  'https://10.0.0.1/',
  'https://192.168.1.1/',
  'https://[::ffff:10.0.0.1]/',
  'https://0/',
])('refuses a redirect to the internal address %s when connecting', async (location) => {
  const registry = await serve(sendTo(location))
  await expect(open(registry).fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_ADDRESS_REFUSED',
  })
})

test.each([
  ['itself', '/v2/app/manifests/1'],
  ['ever longer paths', undefined],
])('stops after five redirects to %s', async (_, location) => {
  const registry = await serve(({ path }) => ({ status: 302, headers: { location: location ?? `${path}x` } }))
  await expect(open(registry).fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_REDIRECT_REFUSED',
  })
  expect(registry.requests.length).toBe(6)
})

test('refuses a redirect without a Location', async () => {
  const registry = await serve(() => ({ status: 302 }))
  await expect(open(registry).fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_RESPONSE_INVALID',
    status: 302,
  })
})

test('limits the product of attempts and redirects', async () => {
  const registry = await serve(({ path }) =>
    path.endsWith('/end') ? { status: 503 } : { status: 302, headers: { location: '/end' } },
  )
  await expect(open(registry).fetchManifest(APP, '1', signal)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
  expect(registry.requests.length).toBe(6)
})
