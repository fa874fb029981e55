import { afterAll, beforeAll, expect, test } from 'vitest'
import { readOptions } from './client-options.ts'
import { createRegistryClient, withinDeadline } from './registry-client.ts'
import type { RegistrySession } from './session.ts'
import { startLoopbackRegistry } from '@verify-images/testing'
import type { LoopbackRegistry, Descriptor } from '@verify-images/testing'

const signal = new AbortController().signal
let registry: LoopbackRegistry
let app: Descriptor
let payload: Descriptor

beforeAll(async () => {
  registry = await startLoopbackRegistry()
  const config = registry.putBlob('{}')
  app = registry.putManifest('acme/app', { schemaVersion: 2, config, layers: [] }, { tag: '1' })
  payload = registry.putBlob('{"critical":{}}')
  registry.putManifest(
    'acme/app',
    { schemaVersion: 2, config, layers: [payload] },
    { tag: `${app.digest.replace(':', '-')}.sig` },
  )
})
afterAll(() => registry.close())

function openSession(): RegistrySession {
  return createRegistryClient({ hosts: { 'registry.test': { endpoint: registry.endpoint } } }).openSession()
}

/** What a verifier does for one legacy signature. */
async function readSignature(session: RegistrySession, reference: string): Promise<void> {
  const image = reference.includes(':')
    ? { digest: reference }
    : await session.fetchManifest('registry.test/acme/app', reference, signal)
  if (!('digest' in image)) throw new Error('no such image')
  const signatures = await session.fetchManifest(
    'registry.test/acme/app',
    `${image.digest.replace(':', '-')}.sig`,
    signal,
  )
  expect(signatures).toHaveProperty('bytes')
  await session.fetchBlob('registry.test/acme/app', payload, 1000, signal)
}

test('a tag with one key signature costs three requests, none of them to /v2/', async () => {
  const before = registry.requests.length
  const session = openSession()
  await readSignature(session, '1')
  expect(session.requests.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
    'GET /v2/acme/app/manifests/1 200',
    `GET /v2/acme/app/manifests/${app.digest.replace(':', '-')}.sig 200`,
    `GET /v2/acme/app/blobs/${payload.digest} 200`,
  ])
  expect(session.cost).toEqual({ total: 3, byHost: { 'registry.test': 3 } })
  expect(registry.requests.length - before).toBe(3)
})

test('a digest with one key signature costs two requests', async () => {
  const session = openSession()
  await readSignature(session, app.digest)
  expect(session.cost.total).toBe(2)
})

test('fetches everything once for 200 verifications of an image', async () => {
  const session = openSession()
  await Promise.all(Array.from({ length: 200 }, () => readSignature(session, '1')))
  expect(session.cost.total).toBe(3)
})

test('two sessions share nothing that they fetched', async () => {
  const client = createRegistryClient({ hosts: { 'registry.test': { endpoint: registry.endpoint } } })
  const sessions = [client.openSession(), client.openSession()]
  for (const session of sessions) await session.fetchManifest('registry.test/acme/app', '1', signal)
  expect(sessions.map(({ cost }) => cost.total)).toEqual([1, 1])
})

test.each([0, -1, 1.5, Number.NaN, Infinity, 2 ** 31])('refuses a deadline of %s ms', (deadlineMs) => {
  expect(() => createRegistryClient().openSession({ deadlineMs })).toThrow(
    expect.objectContaining({ code: 'REGISTRY_OPTIONS_INVALID' }),
  )
})

test('a call needs no signal', async () => {
  await expect(openSession().fetchManifest('registry.test/acme/app', '1')).resolves.toMatchObject({
    digest: app.digest,
  })
})

// JavaScript callers can pass these.
test.each<[string, (session: RegistrySession) => Promise<unknown>, string]>([
  ['a repository', (session) => session.fetchManifest(undefined as never, '1'), 'REGISTRY_REFERENCE_INVALID'],
  [
    'a tag',
    (session) => session.fetchManifest('registry.test/acme/app', undefined as never),
    'REGISTRY_REFERENCE_INVALID',
  ],
  [
    'a subject',
    (session) => session.listReferrers('registry.test/acme/app', undefined as never),
    'REGISTRY_REFERENCE_INVALID',
  ],
  [
    'a blob',
    (session) => session.fetchBlob('registry.test/acme/app', undefined as never, 1),
    'REGISTRY_OPTIONS_INVALID',
  ],
  [
    'a size limit',
    (session) => session.fetchBlob('registry.test/acme/app', payload, undefined as never),
    'REGISTRY_RESPONSE_TOO_LARGE',
  ],
  [
    'a valid signal',
    (session) => session.fetchManifest('registry.test/acme/app', '1', {} as never),
    'REGISTRY_OPTIONS_INVALID',
  ],
])('sends no request without %s', async (_, ask, code) => {
  const before = registry.requests.length
  await expect(ask(openSession())).rejects.toMatchObject({ code })
  expect(registry.requests).toHaveLength(before)
})

test.each([
  ['the default deadline', {}, 30_000, { idleMs: 15_000, requestMs: 20_000 }],
  ['a longer deadline', {}, 60_000, { idleMs: 30_000, requestMs: 40_000 }],
  ['a short deadline, which ends the session by itself', {}, 1_000, { idleMs: 10_000, requestMs: 20_000 }],
  ['limits that are set', { idleMs: 5, requestMs: 7 }, 60_000, { idleMs: 5, requestMs: 7 }],
])('the timeouts follow %s', (_, limits, deadlineMs, expected) => {
  expect(withinDeadline(readOptions({ limits }), deadlineMs)).toMatchObject(expected)
})
