import type { ApiCall } from '@verify-images/core'
import type { Json } from '@verify-images/primitives'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClusterClient } from './cluster-client.ts'
import { createGlobalEntries } from './global-entries.ts'
import { createObjectCache, type ObjectCache } from './object-cache.ts'
import { startLoopbackApiServer, type LoopbackApiServer } from './testing/loopback-api-server.ts'

const { signal } = new AbortController()
const ENTRIES = '/apis/kyverno.io/v2beta1/globalcontextentries'
const OLD_ENTRIES = '/apis/kyverno.io/v2alpha1/globalcontextentries'

let server: LoopbackApiServer
const caches: ObjectCache[] = []
beforeEach(async () => {
  server = await startLoopbackApiServer()
})
afterEach(async () => {
  vi.useRealTimers()
  for (const cache of caches.splice(0)) cache.close()
  await server.close()
})

type Answer = (call: ApiCall) => Promise<Json>

function read(answer: Answer = () => Promise.resolve(1)): (name: string) => Promise<Json | undefined> {
  const client = createClusterClient(server.config)
  const cacheOf = (path: string): ObjectCache => {
    const cache = createObjectCache(client, { path })
    caches.push(cache)
    return cache
  }
  const entries = createGlobalEntries({ client, cacheOf, call: answer })
  return (name) => entries.read(name, signal)
}

const put = (spec: object, list = ENTRIES): void => server.put(list, { metadata: { name: 'entry' }, spec } as never)

test('returns undefined for an entry that does not exist in any version of the API', async () => {
  expect(await read()('entry')).toBeUndefined()
  expect(server.requests).toEqual([`GET ${ENTRIES}/entry`, `GET ${OLD_ENTRIES}/entry`])
})

test('reads the entry of an older Kyverno', async () => {
  put({ apiCall: { urlPath: '/version' } }, OLD_ENTRIES)
  expect(await read(() => Promise.resolve({ major: '1' }))('entry')).toEqual({ major: '1' })
})

test.each<[string, object, string]>([
  ['core group', { version: 'v1', resource: 'configmaps' }, '/api/v1/configmaps'],
  [
    'group and namespace',
    { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'team' },
    '/apis/apps/v1/namespaces/team/deployments',
  ],
  ['a resource with a slash', { version: 'v1', resource: 'pods/../secrets' }, '/api/v1/pods%2F..%2Fsecrets'],
])('lists the objects of a kind: %s', async (_, kubernetesResource, list) => {
  put({ kubernetesResource })
  server.put(list, { metadata: { name: 'one' } })
  expect(await read()('entry')).toMatchObject([{ metadata: { name: 'one' } }])
  expect(server.requests).toContain(`GET ${list}`)
})

test('returns the named projection of the data, and refuses an unknown one', async () => {
  put({ apiCall: { urlPath: '/x' }, projections: [{ name: 'names', jmesPath: 'items[].name' }, { name: 'broken' }] })
  const entry = read(() => Promise.resolve({ items: [{ name: 'a' }, { name: 'b' }] }))
  expect(await entry('entry.names')).toEqual(['a', 'b'])
  for (const name of ['entry.other', 'entry.broken'])
    await expect(entry(name)).rejects.toMatchObject({
      code: 'KUBERNETES_ANSWER_INVALID',
      message: expect.stringMatching(/^GlobalContextEntry entry: no projection/),
    })
})

test('passes on method, data and headers of a call', async () => {
  const calls: ApiCall[] = []
  const entry = read((call) => {
    calls.push(call)
    return Promise.resolve(null)
  })
  const data = [{ key: 'image', value: { name: 'a' } }, { key: 'empty' }]
  put({ apiCall: { urlPath: '/x', method: 'POST', data } })
  await entry('entry')
  const headers = [{ key: 'x-team', value: 'a' }]
  put({ apiCall: { service: { url: 'https://scanner.svc/', headers, caBundle: 'PEM' } } })
  await entry('entry')
  expect(calls).toEqual([
    { target: 'kubernetes', method: 'POST', path: '/x', data: { image: { name: 'a' }, empty: null } },
    { target: 'service', method: 'GET', url: 'https://scanner.svc/', headers: { 'x-team': 'a' }, caBundle: 'PEM' },
  ])
})

test.each<[string, object]>([
  ['neither a resource nor a call', {}],
  ['a call of nothing', { apiCall: {} }],
  ['a service without a URL', { apiCall: { service: {} } }],
])('refuses an entry with %s', async (_, spec) => {
  put(spec)
  await expect(read()('entry')).rejects.toMatchObject({
    code: 'KUBERNETES_ANSWER_INVALID',
    message: expect.stringMatching(/^GlobalContextEntry entry: expected/),
  })
})

test.each<[string | undefined, number]>([
  ['1m30s', 90_000],
  ['2h', 7_200_000],
  ['500ms', 1_000],
  ['soon', 600_000],
  [undefined, 600_000],
])('uses an answer with the refresh interval %s for %i ms', async (refreshInterval, ms) => {
  vi.useFakeTimers({ toFake: ['performance'] })
  put({ apiCall: { urlPath: '/x', ...(refreshInterval === undefined ? {} : { refreshInterval }) } })
  let asked = 0
  const entry = read(() => Promise.resolve(++asked))
  expect(await entry('entry')).toBe(1)
  vi.advanceTimersByTime(ms - 1)
  expect(await entry('entry')).toBe(1)
  vi.advanceTimersByTime(1)
  expect(await entry('entry')).toBe(2)
})

test('asks once for reviews at the same time, and again after a failure or a change of the entry', async () => {
  put({ apiCall: { urlPath: '/x' } })
  let asked = 0
  const entry = read(async ({ target }) => {
    const which = ++asked
    await new Promise((resolve) => setTimeout(resolve, 100))
    if (which === 1) throw new Error(`${target} down`)
    return which
  })
  expect(await Promise.allSettled([entry('entry'), entry('entry')])).toMatchObject([
    { status: 'rejected' },
    { status: 'rejected' },
  ])
  expect(await entry('entry')).toBe(2)
  expect(await entry('entry')).toBe(2)
  put({ apiCall: { urlPath: '/y' } })
  expect(await entry('entry')).toBe(3)
})
