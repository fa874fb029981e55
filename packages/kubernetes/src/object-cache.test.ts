import { afterEach, beforeEach, expect, test } from 'vitest'
import { createClusterClient } from './cluster-client.ts'
import { createObjectCache, type CacheOptions, type ObjectCache } from './object-cache.ts'
import { sendJson, sendStatus, startLoopbackApiServer, type LoopbackApiServer } from './testing/loopback-api-server.ts'

const PATH = '/api/v1/namespaces'
const { signal } = new AbortController()

let server: LoopbackApiServer
const caches: ObjectCache[] = []
beforeEach(async () => {
  server = await startLoopbackApiServer()
})
afterEach(async () => {
  for (const cache of caches.splice(0)) cache.close()
  await server.close()
})

function open(options: Partial<CacheOptions> = {}): ObjectCache {
  const cache = createObjectCache(createClusterClient(server.config), { path: PATH, ...options })
  caches.push(cache)
  return cache
}

const namespace = (name: string, labels: object = {}): { metadata: { name: string } } => ({
  metadata: { name, ...labels },
})
const namesIn = (cache: ObjectCache): readonly string[] =>
  cache.values().map(({ metadata }) => String(Object(metadata).name))
const watching = (count = 1): Promise<void> => expect.poll(() => server.openWatches()).toBe(count)
const count = (request: string): number => server.requests.filter((each) => each === request).length

test('lists all pages, then follows what is added, changed and deleted', async () => {
  for (const name of ['a', 'b', 'c']) server.put(PATH, namespace(name))
  const cache = open()
  await cache.ready(signal)
  expect(namesIn(cache)).toEqual(['a', 'b', 'c'])
  expect(count(`GET ${PATH}`)).toBe(2)

  await watching()
  server.put(PATH, namespace('d'))
  server.put(PATH, namespace('a', { labels: { env: 'prod' } }))
  server.remove(PATH, namespace('b'))
  await expect.poll(() => namesIn(cache)).toEqual(['a', 'c', 'd'])
  expect(cache.get(undefined, 'a')).toMatchObject({ metadata: { labels: { env: 'prod' } } })
  expect(cache.get('a', 'a')).toBeUndefined()
})

test('calls onChange after the list and after each event, but not for a bookmark', async () => {
  let changes = 0
  const cache = open({ onChange: () => changes++ })
  await cache.ready(signal)
  await watching()
  server.sendLine(PATH, JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '500' } } }))
  server.put(PATH, namespace('a'))
  await expect.poll(() => namesIn(cache)).toEqual(['a'])
  expect(changes).toBe(2)
})

test('continues a watch that ended from the version of the last event, without listing again', async () => {
  const versions: (string | null)[] = []
  server.intercept = ({ url }) => {
    const { searchParams } = new URL(url ?? '', 'http://api')
    if (searchParams.has('watch')) versions.push(searchParams.get('resourceVersion'))
    return false
  }
  const cache = open({ times: { retryMaxMs: 10 } })
  await cache.ready(signal)
  await watching()
  server.sendLine(PATH, JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '777' } } }))
  server.endWatches()
  await expect.poll(() => versions).toEqual(['100', '777'])
  expect([count(`GET ${PATH}`), cache.problem()]).toEqual([1, undefined])
})

test.each<[string, () => void]>([
  [
    'an event says so',
    () => {
      const object = { kind: 'Status', code: 410, message: 'too old resource version' }
      server.sendLine(PATH, JSON.stringify({ type: 'ERROR', object }))
    },
  ],
  [
    'a new watch is answered 410',
    () => {
      let refused = false
      server.intercept = ({ url }, response) => {
        if (refused || !url?.includes('watch=1')) return false
        refused = true
        sendStatus(response, 410, 'too old resource version')
        return true
      }
      server.endWatches()
    },
  ],
  [
    'an event has no version',
    () => server.sendLine(PATH, JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'x' } } })),
  ],
])('lists again when the version is no longer known: %s', async (_, expire) => {
  const cache = open({ times: { retryMaxMs: 10 } })
  await cache.ready(signal)
  await watching()
  server.put('/elsewhere', namespace('unrelated'))
  expire()
  await expect.poll(() => count(`GET ${PATH}`)).toBe(2)
  await expect.poll(() => cache.problem()).toBeUndefined()
})

test('reports an error of the watch, and that it is over', async () => {
  const problems: (string | undefined)[] = []
  const cache = open({ onProblem: (problem) => problems.push(problem), times: { retryMaxMs: 10 } })
  await cache.ready(signal)
  await watching()
  server.sendLine(PATH, JSON.stringify({ type: 'ERROR', object: { code: 500, message: 'etcd is gone' } }))
  await expect.poll(() => problems).toEqual(['etcd is gone', undefined])
  expect(cache.isFilled()).toBe(true)
})

test('opens a silent watch again without reporting a problem', async () => {
  const problems: unknown[] = []
  const cache = open({ onProblem: (problem) => problems.push(problem), times: { idleMs: 50, retryMaxMs: 10 } })
  await cache.ready(signal)
  await expect.poll(() => count(`WATCH ${PATH}`)).toBeGreaterThan(2)
  expect([problems, count(`GET ${PATH}`)]).toEqual([[], 1])
})

test('lists again after the resync time, and drops what a watch failed to report', async () => {
  server.put(PATH, namespace('a'))
  const cache = open({ times: { resyncMs: 100, idleMs: 50, retryMaxMs: 10 } })
  await cache.ready(signal)
  await watching()
  let listed: unknown
  server.intercept = ({ url }, response) => {
    if (url?.includes('watch=1')) return false
    listed = url
    sendJson(response, 200, { metadata: { resourceVersion: '900' }, items: [namespace('b')] })
    return true
  }
  await expect.poll(() => namesIn(cache), { timeout: 3_000 }).toEqual(['b'])
  expect(listed).toBe(`${PATH}?limit=500`)
})

test('fails at once when the objects may not be listed, and recovers without being asked', async () => {
  server.intercept = (_, response) => {
    sendStatus(response, 403, 'namespaces is forbidden')
    return true
  }
  const cache = open({ times: { retryMaxMs: 10 } })
  await expect(cache.ready(signal)).rejects.toMatchObject({
    code: 'KUBERNETES_STALE',
    message: `${PATH}: namespaces is forbidden`,
  })
  expect(cache.isFilled()).toBe(false)
  server.intercept = undefined
  await expect.poll(() => cache.isFilled()).toBe(true)
  await cache.ready(signal)
})

test('does not answer from objects that are older than allowed, and does from younger ones', async () => {
  server.put(PATH, namespace('a'))
  const [patient, strict] = [open(), open({ times: { staleMs: 100, retryMaxMs: 20 } })]
  await Promise.all([patient.ready(signal), strict.ready(signal)])
  await watching(2)
  server.intercept = (_, response) => {
    sendStatus(response, 503, 'no etcd')
    return true
  }
  server.endWatches()
  const failure = (): Promise<unknown> => strict.ready(signal).catch((error: unknown) => error)
  await expect.poll(failure).toMatchObject({ code: 'KUBERNETES_STALE', message: `${PATH}: no etcd` })
  await patient.ready(signal)
})

test.each<[string, unknown]>([
  ['no items', { metadata: { resourceVersion: '1' } }],
  ['no version', { metadata: {}, items: [] }],
  ['no metadata', { items: [] }],
  ['an array', []],
])('refuses a list with %s', async (_, body) => {
  server.intercept = (__, response) => {
    sendJson(response, 200, body)
    return true
  }
  await expect(open().ready(signal)).rejects.toMatchObject({ message: `${PATH}: expected a list` })
})

test('ends its watch when it is closed, and asks for nothing more', async () => {
  const cache = open({ times: { retryMaxMs: 10 } })
  await cache.ready(signal)
  await watching()
  cache.close()
  await watching(0)
  const before = server.requests.length
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(server.requests).toHaveLength(before)
})

test('stops waiting for the first list when the signal is aborted', async () => {
  server.intercept = () => true
  await expect(open().ready(AbortSignal.timeout(30))).rejects.toThrow('timeout')
})
