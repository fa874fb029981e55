import { request as requestTls } from 'node:https'
import { afterEach, expect, test } from 'vitest'
import { contentOf, OCI_INDEX, OCI_MANIFEST } from './content.ts'
import { startLoopbackRegistry, type LoopbackRegistry, type LoopbackRegistryOptions } from './loopback-registry.ts'
import { createTlsCertificate } from './tls-certificate.ts'

let close: () => Promise<void> = () => Promise.resolve()
afterEach(() => close())

async function start(options?: LoopbackRegistryOptions): Promise<LoopbackRegistry> {
  const registry = await startLoopbackRegistry(options)
  close = registry.close
  return registry
}

const get = (registry: LoopbackRegistry, path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${registry.endpoint}${path}`, init)

// The OCI distribution specification 1.1, "Pull" and "Error Codes".

test('answers GET and HEAD with the same digest, length and media type', async () => {
  const registry = await start()
  const { digest, size } = registry.putManifest('acme/team/app', { layers: [] }, { tag: '1' })
  for (const reference of ['1', digest])
    for (const method of ['GET', 'HEAD']) {
      const { status, headers } = await get(registry, `/v2/acme/team/app/manifests/${reference}`, { method })
      expect([status, headers.get('content-type')]).toEqual([200, OCI_MANIFEST])
      expect(headers.get('docker-content-digest')).toBe(digest)
      expect(headers.get('content-length')).toBe(String(size))
    }
})

test('serves the exact bytes of a blob, in full even if a range is asked for', async () => {
  const registry = await start()
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i % 256)
  const { digest } = registry.putBlob(bytes)
  const answer = await get(registry, `/v2/any/repository/blobs/${digest}`, { headers: { range: 'bytes=0-9' } })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/octet-stream'])
  expect(answer.headers.get('content-range')).toBeNull()
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes)
})

test('serves the blobs of a repository there only', async () => {
  const registry = await start()
  const blob = contentOf('text/plain', Buffer.from('private'))
  registry.repository('one').putBlob(blob)
  registry.repository('two')
  expect((await get(registry, `/v2/one/blobs/${blob.digest}`)).status).toBe(200)
  expect((await get(registry, `/v2/two/blobs/${blob.digest}`)).status).toBe(404)
})

test.each([
  ['/v2/app/manifests/2', 'GET', 404, 'MANIFEST_UNKNOWN'],
  [`/v2/app/blobs/sha256:${'0'.repeat(64)}`, 'GET', 404, 'BLOB_UNKNOWN'],
  ['/v2/other/tags/list', 'GET', 404, 'NAME_UNKNOWN'],
  ['/v2/app/referrers/latest', 'GET', 400, 'DIGEST_INVALID'],
  ['/v2/app/manifests/1', 'DELETE', 405, 'UNSUPPORTED'],
  ['/v2/app/blobs/uploads/', 'POST', 405, 'UNSUPPORTED'],
])('answers %s (%s) with %i and the error code %s', async (path, method, status, code) => {
  const registry = await start()
  registry.putManifest('app', {}, { tag: '1' })
  const answer = await get(registry, path, { method })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/json'])
  expect(await answer.json()).toEqual({ errors: [{ code, message: expect.any(String) }] })
})

test('answers the referrers API for an unknown digest with an empty index', async () => {
  const registry = await start()
  registry.repository('app')
  const answer = await get(registry, `/v2/app/referrers/sha256:${'0'.repeat(64)}`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, OCI_INDEX])
  expect(answer.headers.get('oci-filters-applied')).toBeNull()
  expect(await answer.json()).toEqual({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] })
})

test('answers the referrers API with 404 if it is switched off', async () => {
  const registry = await start({ referrersApi: false })
  const { digest } = registry.putManifest('app', {})
  expect((await get(registry, `/v2/app/referrers/${digest}`)).status).toBe(404)
})

test.each<readonly [object, string | undefined, string]>([
  [{ layers: [] }, undefined, OCI_MANIFEST],
  [{ manifests: [] }, undefined, OCI_INDEX],
  [
    { mediaType: 'application/vnd.docker.distribution.manifest.v2+json' },
    undefined,
    'application/vnd.docker.distribution.manifest.v2+json',
  ],
  [{ mediaType: OCI_MANIFEST }, OCI_INDEX, OCI_INDEX],
  [Buffer.from('not JSON'), undefined, OCI_MANIFEST],
])('stores %o, given the media type %s, as %s', async (document, mediaType, expected) => {
  const registry = await start()
  expect(registry.putManifest('app', document, { mediaType }).mediaType).toBe(expected)
})

test('records each request with its body and its count', async () => {
  const registry = await start()
  await get(registry, '/v2/?a=1', { headers: { authorization: 'Bearer t' } })
  await get(registry, '/v2/?a=1')
  await get(registry, '/v2/app/manifests/1', { method: 'PUT', body: 'document' })
  expect(registry.requests).toMatchObject([
    { method: 'GET', path: '/v2/?a=1', headers: { authorization: 'Bearer t' }, body: '', count: 1 },
    { method: 'GET', path: '/v2/?a=1', count: 2 },
    { method: 'PUT', path: '/v2/app/manifests/1', body: 'document', count: 1 },
  ])
})

test('replaces only those parts of an answer that a fault names', async () => {
  const registry = await start({
    faults: ({ count }) =>
      [
        { status: 429, headers: { 'Retry-After': '1' } },
        { headers: { 'Docker-Content-Digest': null, 'content-type': 'text/html' } },
        { body: 'other' },
      ][count - 1],
  })
  const { digest } = registry.putManifest('app', { layers: [] }, { tag: '1' })
  const next = (): Promise<Response> => get(registry, '/v2/app/manifests/1')
  const [limited, stripped, replaced, honest] = [await next(), await next(), await next(), await next()]
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1'])
  expect(limited.headers.get('docker-content-digest')).toBe(digest)
  expect([stripped.status, stripped.headers.get('content-type')]).toEqual([200, 'text/html'])
  expect(stripped.headers.get('docker-content-digest')).toBeNull()
  expect(await replaced.text()).toBe('other')
  expect(replaced.headers.get('docker-content-digest')).toBe(digest)
  expect(await honest.json()).toEqual({ layers: [] })
})

test('announces the whole body and ends the connection for `truncateToBytes`', async () => {
  const registry = await start({ faults: () => ({ truncateToBytes: 3 }) })
  const { digest } = registry.putBlob('0123456789')
  const answer = await get(registry, `/v2/app/blobs/${digest}`)
  expect(answer.headers.get('content-length')).toBe('10')
  await expect(answer.text()).rejects.toThrow()
})

test('streams a fault body without a length', async () => {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('one')
    yield Buffer.from('two')
  }
  const registry = await start({ faults: () => ({ body: chunks() }) })
  const answer = await get(registry, '/v2/')
  expect(answer.headers.get('content-length')).toBeNull()
  expect(await answer.text()).toBe('onetwo')
})

test.each<readonly [string, NonNullable<LoopbackRegistryOptions['faults']>, string]>([
  [
    'throws',
    () => {
      throw new Error('a bug in the test')
    },
    'a bug in the test',
  ],
  ['returns a misspelt fault', () => ({ stauts: 503 }) as never, 'fault.stauts'],
])('answers 500 and rejects on close if `faults` %s', async (_, faults, message) => {
  const registry = await startLoopbackRegistry({ faults })
  expect((await get(registry, '/v2/')).status).toBe(500)
  await expect(registry.close()).rejects.toThrow(message)
})

test('serves HTTPS with a certificate for its address', async () => {
  const tls = createTlsCertificate({ host: '127.0.0.1' })
  const registry = await start({ tls })
  const statusWith = (ca?: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      requestTls(`${registry.endpoint}/v2/`, { ca, agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
  expect(await statusWith(tls.cert)).toBe(200)
  await expect(statusWith()).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})
