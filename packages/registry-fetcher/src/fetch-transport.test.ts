import { afterEach, expect, test } from 'vitest'
import type { RegistryFetch } from './fetch-transport.ts'
import { createRegistryClient } from './registry-client.ts'
import type { RegistrySession } from './session.ts'
import { startLoopbackRegistry } from '@verify-images/testing'
import type { LoopbackRegistry, Fault } from '@verify-images/testing'

const signal = new AbortController().signal
const registries: LoopbackRegistry[] = []
afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.close()
})

async function serve(fault?: Fault): Promise<LoopbackRegistry> {
  const registry = await startLoopbackRegistry(fault === undefined ? {} : { faults: () => fault })
  registries.push(registry)
  registry.putManifest('app', { schemaVersion: 2, config: registry.putBlob('{}'), layers: [] }, { tag: '1' })
  return registry
}

function open(fetch: RegistryFetch, endpoint?: string): RegistrySession {
  const hosts = endpoint === undefined ? {} : { hosts: { 'registry.test': { endpoint } } }
  return createRegistryClient({
    fetch,
    ...hosts,
    limits: { retryDelayMs: 1, idleMs: 150, requestMs: 1000 },
  }).openSession()
}
const read = (session: RegistrySession): Promise<unknown> => session.fetchManifest('registry.test/app', '1', signal)

test("Node's own fetch will do", async () => {
  const { endpoint: url } = await serve()
  await expect(read(open(fetch, url))).resolves.toHaveProperty('digest')
})

test.each<[string, string, Fault]>([
  ['a hang', 'REGISTRY_TIMEOUT', { hang: true }],
  ['a cut body', 'REGISTRY_RESPONSE_INVALID', { truncateToBytes: 5 }],
  ['an encoded body', 'REGISTRY_RESPONSE_INVALID', { headers: { 'content-encoding': 'gzip' }, body: 'x' }],
  ['a redirect to a file', 'REGISTRY_REDIRECT_REFUSED', { status: 302, headers: { location: 'file:///etc/passwd' } }],
  [
    'a redirect to a metadata address',
    'REGISTRY_ADDRESS_REFUSED',
    { status: 302, headers: { location: 'https://169.254.169.254/' } },
  ],
])('%s over fetch', async (_, code, fault) => {
  const { endpoint: url } = await serve(fault)
  await expect(read(open(fetch, url))).rejects.toMatchObject({ code })
})

test('connections that fail over fetch are faults of the transport', async () => {
  const registry = await startLoopbackRegistry()
  await registry.close()
  await expect(read(open(fetch, registry.endpoint))).rejects.toMatchObject({
    code: 'REGISTRY_UNAVAILABLE',
    detail: { kind: 'registry-transport' },
  })
})

test('redirects are not followed by it', async () => {
  const seen: string[] = []
  const answers: RegistryFetch = (_, init) => {
    seen.push(init.redirect)
    return Promise.resolve(new Response('{"layers":[]}', { headers: { 'content-type': 'application/json' } }))
  }
  await expect(read(open(answers))).resolves.toHaveProperty('digest')
  expect(seen).toEqual(['manual'])
})

test('a function that never answers and hears no signal is left behind', async () => {
  await expect(read(open(() => new Promise(() => undefined)))).rejects.toMatchObject({ code: 'REGISTRY_TIMEOUT' })
})

test('a body that never ends its piece is left behind', async () => {
  const stuck: RegistryFetch = () =>
    Promise.resolve(
      new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }), {
        headers: { 'content-type': 'application/json' },
      }),
    )
  await expect(read(open(stuck))).rejects.toMatchObject({ code: 'REGISTRY_TIMEOUT' })
})

test.each<[string, RegistryFetch]>([
  [
    'throws',
    () => {
      throw new TypeError('boom')
    },
  ],
  ['rejects with no error', () => Promise.reject(new Error('x', { cause: 'y' }))],
])('a function that %s is our error', async (_, broken) => {
  await expect(read(open(broken))).rejects.toMatchObject({ name: 'RegistryError', code: 'REGISTRY_UNAVAILABLE' })
})
