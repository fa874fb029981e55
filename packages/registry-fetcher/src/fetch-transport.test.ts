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
    limits: { retryDelayMs: 1, idleMs: 1000, requestMs: 5000 },
  }).openSession()
}
const read = (session: RegistrySession): Promise<unknown> => session.fetchManifest('registry.test/app', '1', signal)

test("works with Node's own fetch", async () => {
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

test('reports a connection that fails in fetch with its address', async () => {
  const registry = await startLoopbackRegistry()
  await registry.close()
  await expect(read(open(fetch, registry.endpoint))).rejects.toMatchObject({
    code: 'REGISTRY_UNAVAILABLE',
    detail: {
      kind: 'registry-transport',
      ...{ fault: 'refused', url: `${registry.endpoint}/v2/app/manifests/1`, address: registry.host },
    },
  })
})

test('asks fetch not to follow redirects', async () => {
  const seen: string[] = []
  const answers: RegistryFetch = (_, init) => {
    seen.push(init.redirect)
    return Promise.resolve(new Response('{"layers":[]}', { headers: { 'content-type': 'application/json' } }))
  }
  await expect(read(open(answers))).resolves.toHaveProperty('digest')
  expect(seen).toEqual(['manual'])
})

test('ends at the timeout when fetch never answers and ignores the signal', async () => {
  await expect(read(open(() => new Promise(() => undefined)))).rejects.toMatchObject({ code: 'REGISTRY_TIMEOUT' })
})

test('ends at the timeout when a body stops', async () => {
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
  ['rejects with an error without a code', () => Promise.reject(new Error('x', { cause: 'y' }))],
])('a fetch that %s is a RegistryError', async (_, broken) => {
  await expect(read(open(broken))).rejects.toMatchObject({ name: 'RegistryError', code: 'REGISTRY_UNAVAILABLE' })
})
