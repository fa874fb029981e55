import { afterEach, expect, test } from 'vitest'
import { createRegistryClient } from './registry-client.ts'
import type { RegistrySession } from './session.ts'
import { startLoopbackRegistry } from '@verify-images/testing'
import type { LoopbackRegistry, Fault } from '@verify-images/testing'

const signal = new AbortController().signal
const APP = 'registry.test/app'
const registries: LoopbackRegistry[] = []
afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.close()
})

async function serve(fault?: Fault): Promise<{ registry: LoopbackRegistry; session: RegistrySession }> {
  const registry = await startLoopbackRegistry(fault === undefined ? {} : { faults: () => fault })
  registries.push(registry)
  const session = createRegistryClient({
    hosts: { 'registry.test': { endpoint: registry.endpoint } },
    limits: { retryDelayMs: 1 },
  }).openSession()
  return { registry, session }
}

test('returns the bytes as stored, also gzip', async () => {
  const { registry, session } = await serve()
  const bytes = Uint8Array.of(0x1f, 0x8b, 8, 0, 0)
  expect(Buffer.from(await session.fetchBlob(APP, registry.putBlob(bytes), 5, signal)).equals(bytes)).toBe(true)
  expect(Buffer.from(await session.fetchBlob(APP, registry.putBlob(''), 0, signal)).length).toBe(0)
})

test('returns a large blob whole', async () => {
  const { registry, session } = await serve()
  const bytes = Buffer.alloc(3_000_001, 'abc')
  expect(bytes.equals(await session.fetchBlob(APP, registry.putBlob(bytes), 4_000_000, signal))).toBe(true)
})

test.each<[string, string, number, Fault]>([
  ['one byte is another', 'REGISTRY_DIGEST_MISMATCH', 0, { body: 'paYload' }],
  ['the body is longer', 'REGISTRY_SIZE_MISMATCH', 0, { body: 'payload\n' }],
  ['the body is shorter', 'REGISTRY_SIZE_MISMATCH', 0, { body: 'payloa' }],
  ['the descriptor says one byte more', 'REGISTRY_SIZE_MISMATCH', 1, {}],
  ['the descriptor says one byte less', 'REGISTRY_SIZE_MISMATCH', -1, {}],
  ['the body is cut', 'REGISTRY_RESPONSE_INVALID', 0, { truncateToBytes: 3 }],
  ['the body is encoded', 'REGISTRY_RESPONSE_INVALID', 0, { headers: { 'content-encoding': 'br' } }],
  ['a part is sent', 'REGISTRY_RESPONSE_INVALID', 0, { status: 206 }],
  ['it is not there', 'REGISTRY_NOT_FOUND', 0, { status: 404, body: '' }],
])('%s: %s', async (_, code, off, fault) => {
  const { registry, session } = await serve(fault)
  const blob = registry.putBlob('payload')
  await expect(session.fetchBlob(APP, { ...blob, size: blob.size + off }, 100, signal)).rejects.toMatchObject({
    code,
    place: `registry.test/app@${blob.digest}`,
  })
})

test('a mismatch names both digests', async () => {
  const { registry, session } = await serve({ body: 'paYload' })
  const blob = registry.putBlob('payload')
  await expect(session.fetchBlob(APP, blob, 100, signal)).rejects.toThrow(`expected \`${blob.digest}\``)
})

test.each<[string, string, number, number, string | undefined]>([
  ['larger than is taken', 'REGISTRY_RESPONSE_TOO_LARGE', 101, 100, undefined],
  ['of a size that is not a number', 'REGISTRY_SIZE_MISMATCH', Number.NaN, 100, undefined],
  ['of a size that numbers cannot hold', 'REGISTRY_SIZE_MISMATCH', 2 ** 60, 2 ** 62, undefined],
  ['of a negative size', 'REGISTRY_SIZE_MISMATCH', -1, 100, undefined],
  ['named by a digest that cannot be checked', 'REGISTRY_REFERENCE_INVALID', 1, 100, 'md5:00'],
  ['named by a path', 'REGISTRY_REFERENCE_INVALID', 1, 100, 'sha256:../../x'],
])('a blob %s is not asked for', async (_, code, size, maxBytes, digest) => {
  const { registry, session } = await serve()
  const blob = registry.putBlob('payload')
  await expect(
    session.fetchBlob(APP, { ...blob, size, digest: (digest ?? blob.digest) as never }, maxBytes, signal),
  ).rejects.toMatchObject({ code })
  expect(registry.requests).toEqual([])
})

test('sends no request to the `urls` of a descriptor', async () => {
  const elsewhere = await serve()
  const { session } = await serve()
  const blob = { ...elsewhere.registry.putBlob('payload'), urls: [`${elsewhere.registry.endpoint}/v2/app/blobs/x`] }
  await expect(session.fetchBlob(APP, blob, 100, signal)).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' })
  expect(elsewhere.registry.requests).toEqual([])
})

test('applies a smaller limit also to a blob that was fetched before', async () => {
  const { registry, session } = await serve()
  const blob = registry.putBlob('payload')
  await session.fetchBlob(APP, blob, 100, signal)
  await expect(session.fetchBlob(APP, blob, 6, signal)).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_TOO_LARGE' })
})
