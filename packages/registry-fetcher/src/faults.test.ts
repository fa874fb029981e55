import { createEvaluationBudget, type BudgetLimits } from '@verify-images/primitives'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { RegistryLimits } from './limits.ts'
import { createRegistryClient } from './registry-client.ts'
import type { RegistrySession } from './session.ts'
import { startLoopbackRegistry } from '@verify-images/testing'
import type { LoopbackRegistryOptions, LoopbackRegistry, Fault } from '@verify-images/testing'

const signal = new AbortController().signal
const APP = 'registry.test/app'
const QUICK: Partial<RegistryLimits> = { retryDelayMs: 1, connectMs: 200, idleMs: 200, requestMs: 2000 }
const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function serve(options: LoopbackRegistryOptions = {}): Promise<LoopbackRegistry> {
  const registry = await startLoopbackRegistry(options)
  open.push(() => registry.close())
  registry.putManifest('app', { schemaVersion: 2, config: registry.putBlob('{}'), layers: [] }, { tag: '1' })
  return registry
}

function sessionFor(
  endpoint: string,
  limits: Partial<RegistryLimits> = {},
  budget: Partial<BudgetLimits> = {},
): RegistrySession {
  return createRegistryClient({
    hosts: { 'registry.test': { endpoint } },
    limits: { ...QUICK, ...limits },
  }).openSession({ budget: createEvaluationBudget(budget) })
}

/** Starts a server below HTTP. */
async function serveRaw(talk: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    talk(socket)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  open.push(
    () =>
      new Promise((done) => {
        server.close(done)
        for (const socket of sockets) socket.destroy()
      }),
  )
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

test('control: reads an honest answer', async () => {
  const { endpoint: url } = await serve()
  await expect(sessionFor(url).fetchManifest(APP, '1', signal)).resolves.toMatchObject({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
  })
})

test('returns a manifest that is not found as a value', async () => {
  const { endpoint: url } = await serve()
  await expect(sessionFor(url).fetchManifest(APP, 'none', signal)).resolves.toEqual({
    notFound: true,
    detail: {
      kind: 'registry-answer',
      method: 'GET',
      url: `${url}/v2/app/manifests/none`,
      status: 404,
      errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }],
    },
  })
})

test.each([
  [401, 'REGISTRY_UNAUTHORIZED', 1],
  [403, 'REGISTRY_UNAUTHORIZED', 1],
  [429, 'REGISTRY_RATE_LIMITED', 3],
  [400, 'REGISTRY_REQUEST_REFUSED', 1],
  [500, 'REGISTRY_UNAVAILABLE', 3],
  [502, 'REGISTRY_UNAVAILABLE', 3],
  [503, 'REGISTRY_UNAVAILABLE', 3],
  [504, 'REGISTRY_TIMEOUT', 3],
  [501, 'REGISTRY_UNAVAILABLE', 1],
  [204, 'REGISTRY_RESPONSE_INVALID', 1],
  [206, 'REGISTRY_RESPONSE_INVALID', 1],
  [304, 'REGISTRY_RESPONSE_INVALID', 1],
  [302, 'REGISTRY_RESPONSE_INVALID', 1],
])('status %i is %s after %i attempts', async (status, code, attempts) => {
  const registry = await serve({ faults: () => ({ status }) })
  const session = sessionFor(registry.endpoint)
  await expect(session.fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    code,
    status,
    place: 'registry.test/app:1',
  })
  expect(registry.requests.length).toBe(attempts)
  expect(session.requests.map((request) => request.status)).toEqual(Array.from({ length: attempts }, () => status))
})

test('recovers from transient faults', async () => {
  const registry = await serve({ faults: ({ count }) => [{ reset: true }, { status: 503 }][count - 1] })
  await expect(sessionFor(registry.endpoint).fetchManifest(APP, '1', signal)).resolves.toHaveProperty('digest')
  expect(registry.requests.length).toBe(3)
})

test.each(['86400', '9'.repeat(30)])('does not retry a registry that asks for a wait of %s s', async (wait) => {
  const registry = await serve({ faults: () => ({ status: 429, headers: { 'retry-after': wait } }) })
  await expect(sessionFor(registry.endpoint).fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_RATE_LIMITED',
    message: expect.stringMatching(wait === '86400' ? /429, and asks for a wait of 86400 s$/ : /429$/) as string,
  })
  expect(registry.requests.length).toBe(1)
})

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(64 * 1024, ' ')
}
async function* drip(everyMs: number): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield Buffer.from(' ')
    await new Promise((done) => setTimeout(done, everyMs))
  }
}

test.each<[string, string, Partial<Fault>, string]>([
  [
    'HTML',
    'REGISTRY_RESPONSE_INVALID',
    { headers: { 'content-type': 'text/html', 'docker-content-digest': null }, body: '<html>' },
    'text/html',
  ],
  ['a truncated body', 'REGISTRY_RESPONSE_INVALID', { truncateToBytes: 10 }, 'before the end of its answer'],
  ['an endless body', 'REGISTRY_RESPONSE_TOO_LARGE', { body: endless() }, 'too large'],
  [
    '10 GB announced',
    'REGISTRY_RESPONSE_TOO_LARGE',
    { headers: { 'content-length': '10000000000' }, body: 'x' },
    'too large',
  ],
  ['gzip', 'REGISTRY_RESPONSE_INVALID', { headers: { 'content-encoding': 'gzip' }, body: 'x' }, 'content encoding'],
  [
    'a chain of encodings',
    'REGISTRY_RESPONSE_INVALID',
    { headers: { 'content-encoding': Array.from({ length: 50 }, () => 'gzip').join(', ') }, body: 'x' },
    'content encoding',
  ],
  [
    'an unknown encoding',
    'REGISTRY_RESPONSE_INVALID',
    { headers: { 'content-encoding': 'x-none' } },
    'content encoding',
  ],
  ['a byte now and then', 'REGISTRY_TIMEOUT', { body: drip(50) }, 'deadline passed'],
  ['a body that stops', 'REGISTRY_TIMEOUT', { body: drip(1e6) }, 'in time'],
  ['no answer', 'REGISTRY_TIMEOUT', { hang: true }, 'in time'],
  [
    'a false digest in the header',
    'REGISTRY_DIGEST_MISMATCH',
    { headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` } },
    `expected \`sha256:${'0'.repeat(64)}\``,
  ],
  [
    'a header that is not a digest',
    'REGISTRY_RESPONSE_INVALID',
    { headers: { 'docker-content-digest': 'sha256:0' } },
    'expected a digest, got `sha256:0`',
  ],
  [
    'image and index at once',
    'REGISTRY_MANIFEST_AMBIGUOUS',
    { headers: { 'docker-content-digest': null }, body: '{"manifests":[],"layers":[]}' },
    'ambiguous manifest',
  ],
  [
    'a key twice',
    'REGISTRY_MANIFEST_INVALID',
    { headers: { 'docker-content-digest': null }, body: '{"layers":[],"layers":[]}' },
    'the same key twice',
  ],
])('%s is %s', async (_, code, fault, words) => {
  const registry = await serve({ faults: () => fault })
  const session = sessionFor(registry.endpoint, { manifestBytes: 1024 * 1024, requestMs: 700 })
  const started = performance.now()
  await expect(session.fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(words) as string,
  })
  expect(performance.now() - started).toBeLessThan(3000)
})

test('names both digests of a manifest that has another one than requested', async () => {
  const registry = await serve({ faults: () => ({ status: 200, body: '{"layers":[]}\n' }) })
  const digest = `sha256:${'1'.repeat(64)}`
  await expect(sessionFor(registry.endpoint).fetchManifest(APP, digest, signal)).rejects.toMatchObject({
    code: 'REGISTRY_DIGEST_MISMATCH',
    message: expect.stringMatching(/has the digest `sha256:[0-9a-f]{64}`, expected `sha256:1{64}`/) as string,
    detail: { kind: 'registry-digest-mismatch', of: 'manifest', expected: digest, size: 14, repository: APP },
  })
})

test('reports a refused connection with the URL and the address that were contacted', async () => {
  const registry = await startLoopbackRegistry()
  await registry.close()
  await expect(sessionFor(registry.endpoint).fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_UNAVAILABLE',
    detail: {
      kind: 'registry-transport',
      ...{ stage: 'dial', fault: 'refused', systemCode: 'ECONNREFUSED' },
      ...{
        method: 'GET',
        url: `${registry.endpoint}/v2/app/manifests/1`,
        host: 'registry.test',
        address: registry.host,
      },
    },
  })
})

test('sends three requests to a registry that resets connections, and reports the fault', async () => {
  const registry = await serve({ faults: () => ({ reset: true }) })
  await expect(sessionFor(registry.endpoint).fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_UNAVAILABLE',
    detail: {
      kind: 'registry-transport',
      stage: 'answer',
      fault: 'reset',
      url: `${registry.endpoint}/v2/app/manifests/1`,
    },
  })
  expect(registry.requests.length).toBe(3)
})

test.each<[string, string, (socket: Socket) => void]>([
  ['another protocol', 'REGISTRY_RESPONSE_INVALID', (socket) => socket.end('SSH-2.0-OpenSSH_9\r\n')],
  ['nothing', 'REGISTRY_UNAVAILABLE', (socket) => socket.once('data', () => socket.destroy())],
  [
    'an upgrade that was not requested',
    'REGISTRY_RESPONSE_INVALID',
    (socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
      ),
  ],
  [
    'endless interim answers',
    'REGISTRY_TIMEOUT',
    (socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n'), 20)
      socket.on('close', () => clearInterval(timer))
    },
  ],
  [
    'endless headers',
    'REGISTRY_RESPONSE_INVALID',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write(`X-${'a'.repeat(1000)}: ${'b'.repeat(1000)}\r\n`), 1)
      socket.on('close', () => clearInterval(timer))
    },
  ],
  [
    'more than its Content-Length',
    'REGISTRY_MANIFEST_INVALID',
    (socket) =>
      socket.once('data', () =>
        socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]]]]]'),
      ),
  ],
  [
    'a body in chunks of one byte',
    'REGISTRY_RESPONSE_INVALID',
    (socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n')
        const piece = '1\r\n \r\n'.repeat(10_000)
        const more = (): void => {
          if (!socket.destroyed) socket.write(piece, more)
        }
        more()
      }),
  ],
  [
    'two Content-Length headers',
    'REGISTRY_RESPONSE_INVALID',
    (socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x')),
  ],
])('a server that sends %s', async (_, code, talk) => {
  // The timeout must not be what ends the others on a busy machine.
  const limits = code === 'REGISTRY_TIMEOUT' ? {} : { requestMs: 20_000 }
  await expect(sessionFor(await serveRaw(talk), limits).fetchManifest(APP, '1', signal)).rejects.toMatchObject({ code })
})

test('reports a name that does not exist', async () => {
  const session = createRegistryClient({ limits: QUICK }).openSession()
  await expect(session.fetchManifest('registry.invalid/app', '1', signal)).rejects.toMatchObject({
    detail: { kind: 'registry-transport', stage: 'dial', host: 'registry.invalid' },
  })
})

test('applies the deadline to the session, not to each request', async () => {
  const registry = await serve({ faults: () => ({ hang: true }) })
  const session = createRegistryClient({ hosts: { 'registry.test': { endpoint: registry.endpoint } } }).openSession({
    deadlineMs: 150,
  })
  const started = performance.now()
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) => session.fetchManifest(APP, `v${i}`, signal)),
  )
  expect(performance.now() - started).toBeLessThan(1000)
  for (const result of results) expect(result).toMatchObject({ reason: { code: 'REGISTRY_TIMEOUT' } })
  await expect(session.fetchManifest(APP, 'later', signal)).rejects.toMatchObject({ code: 'REGISTRY_TIMEOUT' })
})

test('returns when the caller aborts, and closes the socket', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const endpoint = await serveRaw((socket) => socket.resume().on('close', resolve))
  const caller = new AbortController()
  const fetching = sessionFor(endpoint, { idleMs: 10_000, requestMs: 10_000 }).fetchManifest(APP, '1', caller.signal)
  setTimeout(() => caller.abort(), 50)
  await expect(fetching).rejects.toMatchObject({
    code: 'REGISTRY_ABORTED',
    detail: { kind: 'registry-aborted', by: 'caller' },
  })
  await closed
})

test('counts retries in the budget of requests, and names the budget, its limit and the repository', async () => {
  const registry = await serve({ faults: () => ({ status: 503 }) })
  const session = sessionFor(registry.endpoint, {}, { requests: 4 })
  await expect(session.fetchManifest(APP, '1', signal)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
  await expect(session.fetchManifest(APP, '2', signal)).rejects.toMatchObject({
    code: 'REGISTRY_LIMIT_EXCEEDED',
    message: '`registry.test/app:2`: the evaluation exceeds its limit of 4 requests: 5 of 5 for registry.test/app',
  })
  expect(registry.requests.length).toBe(4)
})

test('refuses bytes beyond the budget, and names the budget, its limit and the repository', async () => {
  const registry = await serve()
  const blobs = Array.from({ length: 5 }, (_, i) => registry.putBlob(String(i).repeat(1000)))
  const session = sessionFor(registry.endpoint, {}, { bytes: 2500 })
  const results = await Promise.allSettled(blobs.map((blob) => session.fetchBlob(APP, blob, 1000, signal)))
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(2)
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: {
      code: 'REGISTRY_LIMIT_EXCEEDED',
      message: expect.stringContaining('exceeds its limit of 2500 bytes: 3000 of 3000 for registry.test/app'),
    },
  })
})

test('shares a failed fetch: 200 calls are three requests', async () => {
  const registry = await serve({ faults: () => ({ status: 503 }) })
  const session = sessionFor(registry.endpoint)
  await Promise.allSettled(Array.from({ length: 200 }, () => session.fetchManifest(APP, '1', signal)))
  await expect(session.fetchManifest(APP, '1', signal)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
  expect(registry.requests.length).toBe(3)
})

test('two sessions share one budget, which names what spent most of it', async () => {
  const registry = await serve()
  const client = createRegistryClient({ hosts: { 'registry.test': { endpoint: registry.endpoint } } })
  const budget = createEvaluationBudget({ requests: 3 })
  const [first, second] = [client.openSession({ budget }), client.openSession({ budget })]
  await first.fetchManifest(APP, '1', signal)
  await first.fetchManifest(APP, 'none', signal)
  await second.fetchManifest('registry.test/other', '1', signal)
  await expect(second.fetchManifest('registry.test/other', '2', signal)).rejects.toMatchObject({
    code: 'REGISTRY_LIMIT_EXCEEDED',
    message: expect.stringContaining('its limit of 3 requests: 2 of 4 for registry.test/app'),
  })
})

test('starts a request to another repository of a host beside hung requests, without waiting', async () => {
  const registry = await serve({ faults: ({ path }) => (path.includes('/hung/') ? { hang: true } : undefined) })
  const limits = { idleMs: 5000, requestMs: 5000, connectionsPerHost: 16 }
  const client = createRegistryClient({ hosts: { 'registry.test': { endpoint: registry.endpoint } }, limits })
  const reviews = Array.from({ length: 20 }, () => client.openSession({ deadlineMs: 1500 }))
  const hung = reviews.map((session, i) =>
    session.fetchManifest('registry.test/hung', String(i)).catch(() => undefined),
  )
  const started = performance.now()
  await expect(client.openSession().fetchManifest(APP, '1', signal)).resolves.toHaveProperty('digest')
  expect(performance.now() - started).toBeLessThan(1000)
  expect(registry.requests.filter(({ path }) => path.includes('/hung/')).length).toBeLessThanOrEqual(8)
  await Promise.all(hung)
  client.close()
})
