import { startLoopbackRegistry, type Descriptor, type LoopbackRegistry } from '@verify-images/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RegistryClientOptions } from '../client-options.ts'
import { fixed, type CredentialProvider } from '../credentials.ts'
import { createRegistryClient, type RegistryClient } from '../registry-client.ts'
import type { RegistrySession } from '../session.ts'
import { createRegistryCache, type RegistryCache } from './registry-cache.ts'

const NAME = 'registry.test/acme/app'
const time = { wall: 0, monotonic: 0 }
let registry: LoopbackRegistry
let app: Descriptor
let payload: Descriptor

beforeEach(async () => {
  registry = await startLoopbackRegistry()
  app = putImage('1')
  payload = registry.putBlob('{"critical":{}}')
  putSignatures('one')
})
afterEach(() => registry.close())

function putImage(text: string): Descriptor {
  const config = registry.putBlob(text)
  return registry.putManifest('acme/app', { schemaVersion: 2, config, layers: [] }, { tag: '1' })
}

function putSignatures(text: string): void {
  const config = registry.putBlob(text)
  const tag = `${app.digest.replace(':', '-')}.sig`
  registry.putManifest('acme/app', { schemaVersion: 2, config, layers: [payload] }, { tag })
}

const aged = (tag: number, listing: number): RegistryCache =>
  createRegistryCache({ maxTagAgeMs: tag, maxListingAgeMs: listing }, () => ({ ...time }))
const clientOf = (options: RegistryClientOptions = {}): RegistryClient =>
  createRegistryClient({ hosts: { 'registry.test': { endpoint: registry.endpoint } }, ...options })

/** Reads everything that a verifier reads, and returns what was requested. */
async function readAll(session: RegistrySession): Promise<readonly string[]> {
  const before = session.requests.length
  await session.fetchManifest(NAME, '1')
  await session.fetchManifest(NAME, `${app.digest.replace(':', '-')}.sig`)
  await session.fetchBlob(NAME, payload, 1000)
  await session.listReferrers(NAME, app.digest)
  return session.requests.slice(before).map(({ path }) =>
    path
      .slice('/v2/acme/app/'.length)
      .replaceAll(/[0-9a-f]{64}/g, '<hex>')
      .replace(/\/sha256.*(?=\.sig)/, '/<image>'),
  )
}

const ALL = [
  'manifests/1',
  'manifests/<image>.sig',
  'blobs/sha256:<hex>',
  'referrers/sha256:<hex>',
  'manifests/sha256-<hex>',
]
const open = (client: RegistryClient, cache: RegistryCache): RegistrySession => client.openSession({ caches: [cache] })

test('a later session of the same client and credential requests nothing again', async () => {
  const [client, cache] = [clientOf(), aged(100, 100)]
  expect(await readAll(open(client, cache))).toEqual(ALL)
  expect(await readAll(open(client, cache))).toEqual([])
  cache.clear()
  expect(await readAll(open(client, cache))).toEqual(ALL)
})

test('a session without the cache requests everything', async () => {
  const [client, cache] = [clientOf(), aged(100, 100)]
  await readAll(open(client, cache))
  expect(await readAll(client.openSession())).toEqual(ALL)
})

test('by default only blobs are kept, because their bytes cannot change', async () => {
  const [client, cache] = [clientOf(), createRegistryCache()]
  await readAll(open(client, cache))
  expect(await readAll(open(client, cache))).toEqual(ALL.filter((path) => !path.startsWith('blobs')))
})

test('tags and listings have ages of their own', async () => {
  const [client, cache] = [clientOf(), aged(10, 20)]
  await readAll(open(client, cache))
  time.wall += 11
  expect(await readAll(open(client, cache))).toEqual(['manifests/1'])
  time.wall += 10
  expect(await readAll(open(client, cache))).toEqual(ALL.filter((path) => !path.startsWith('blobs') && path !== ALL[0]))
})

test('a moved tag and a replaced signature are seen once the age has passed', async () => {
  const [client, cache] = [clientOf(), aged(10, 10)]
  await readAll(open(client, cache))
  const moved = putImage('2')
  expect(await open(client, cache).fetchManifest(NAME, '1')).toHaveProperty('digest', app.digest)
  time.wall += 11
  expect(await open(client, cache).fetchManifest(NAME, '1')).toHaveProperty('digest', moved.digest)
})

test('a signature that did not exist is seen once the age has passed', async () => {
  const [client, cache] = [clientOf(), aged(10, 10)]
  const tag = `sha256-${'0'.repeat(64)}.sig`
  expect(await open(client, cache).fetchManifest(NAME, tag)).toHaveProperty('notFound', true)
  registry.putManifest('acme/app', { schemaVersion: 2, config: payload, layers: [] }, { tag })
  expect(await open(client, cache).fetchManifest(NAME, tag)).toHaveProperty('notFound', true)
  time.wall += 11
  expect(await open(client, cache).fetchManifest(NAME, tag)).toHaveProperty('bytes')
})

test('a wall clock that was set back makes everything be requested again', async () => {
  const [client, cache] = [clientOf(), aged(1_000, 1_000)]
  await readAll(open(client, cache))
  time.wall -= 1
  expect(await readAll(open(client, cache))).toEqual(ALL)
})

const provider = (password: string): CredentialProvider =>
  fixed('registry.test', { kind: 'basic', username: 'a', password })

test('what one credential has read is not visible to another, nor to none', async () => {
  const [client, cache] = [clientOf(), aged(100, 100)]
  // A 404 would be no proof for a registry that asks for no credential.
  registry.putManifest('acme/app', { schemaVersion: 2, config: payload, layers: [], subject: app })
  const all = ALL.slice(0, -1)
  const view = (password: string | undefined): RegistrySession =>
    open(client, cache).withCredentials(password === undefined ? undefined : provider(password), { key: 'same' })
  expect(await readAll(view('secret'))).toEqual(all)
  expect(await readAll(view('secret'))).toEqual([])
  expect(await readAll(view('other'))).toEqual(all)
  expect(await readAll(view(undefined))).toEqual(all)
})

test('what was read where plain HTTP is allowed is not visible where it is not', async () => {
  const [client, cache] = [clientOf({ hosts: { 'registry.test': { fetch: toLoopback } } }), aged(100, 100)]
  const insecure = (): RegistrySession => open(client, cache).withCredentials(undefined, { key: 'k', insecure: true })
  expect(await readAll(insecure())).toEqual(ALL)
  expect(await readAll(insecure())).toEqual([])
  expect(await readAll(open(client, cache))).toEqual(ALL)
})

function toLoopback(url: string): Promise<Response> {
  const { pathname, search } = new URL(url)
  return fetch(registry.endpoint + pathname + search)
}

test('what one client has read is not visible to another, which may have other endpoints', async () => {
  const cache = aged(100, 100)
  await readAll(open(clientOf(), cache))
  expect(await readAll(open(clientOf(), cache))).toEqual(ALL)
})

test('two repositories share nothing, although they name one digest', async () => {
  const [client, cache] = [clientOf(), aged(100, 100)]
  await readAll(open(client, cache))
  const session = open(client, cache)
  await session.fetchBlob('registry.test/acme/other', payload, 1000)
  expect(session.cost.total).toBe(1)
})

test('500 sessions at the same time request each thing once', async () => {
  const [client, cache] = [clientOf(), aged(60_000, 60_000)]
  const sessions = Array.from({ length: 500 }, () => open(client, cache))
  await Promise.all(sessions.map((session) => readAll(session)))
  expect(registry.requests).toHaveLength(ALL.length)
})

test('caches are asked in order, and each is filled', async () => {
  const client = clientOf()
  const [run, longer] = [aged(100, 100), aged(100, 100)]
  await readAll(client.openSession({ caches: [run, longer] }))
  expect(await readAll(open(client, run))).toEqual([])
  expect(await readAll(open(client, longer))).toEqual([])
})

test.each([{ maxBytes: 0 }, { maxTagAgeMs: -1 }, { maxListingAgeMs: Number.NaN }, { maxTagAge: 1 }])(
  'refuses the options %j',
  (options) => {
    expect(() => createRegistryCache(options)).toThrow(expect.objectContaining({ code: 'REGISTRY_OPTIONS_INVALID' }))
  },
)
