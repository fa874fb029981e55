import { afterEach, describe, expect, test } from 'vitest'
import type { RegistryLimits } from './limits.ts'
import { createRegistryClient } from './registry-client.ts'
import { startLoopbackRegistry } from '@verify-images/testing'
import type { LoopbackRegistryOptions, LoopbackRegistry } from '@verify-images/testing'
import { type Descriptor, type Digest, digestOf, parseDigest, type ReferrerListing } from '@verify-images/primitives'

const signal = new AbortController().signal
const SUBJECT = parseDigest(`sha256:${'a'.repeat(64)}`)
const FALLBACK = SUBJECT.replace(':', '-')
const INDEX = 'application/vnd.oci.image.index.v1+json'
const registries: LoopbackRegistry[] = []
afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.close()
})

async function serve(options: LoopbackRegistryOptions = {}): Promise<LoopbackRegistry> {
  const registry = await startLoopbackRegistry(options)
  registries.push(registry)
  registry.repository('app')
  return registry
}

function list(registry: LoopbackRegistry, limits: Partial<RegistryLimits> = {}): Promise<ReferrerListing> {
  const client = createRegistryClient({
    hosts: { 'registry.test': { endpoint: registry.endpoint } },
    limits: { retryDelayMs: 1, ...limits },
  })
  return client.openSession().listReferrers('registry.test/app', SUBJECT, signal)
}

function entry(n: number): Descriptor {
  return {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: parseDigest(`sha256:${n.toString(16).padStart(64, '0')}`),
    size: n,
  }
}
const page = (...entries: readonly unknown[]): string => JSON.stringify({ schemaVersion: 2, manifests: entries })
const paths = (registry: LoopbackRegistry): readonly string[] => registry.requests.map(({ path }) => path)

test('lists what the API lists, in its order', async () => {
  const registry = await serve({
    faults: () => ({ body: page(entry(2), { ...entry(1), artifactType: 'x/y', annotations: { a: 'b' } }) }),
  })
  await expect(list(registry)).resolves.toEqual({
    descriptors: [entry(2), { ...entry(1), artifactType: 'x/y', annotations: { a: 'b' } }],
    complete: true,
    source: 'api',
  })
  expect(paths(registry)).toEqual([`/v2/app/referrers/${SUBJECT}`])
})

test.each([400, 404, 406])('reads the fallback tag if the API answers %i', async (status) => {
  const registry = await serve({ faults: ({ path }) => (path.includes('/referrers/') ? { status } : undefined) })
  registry.putManifest('app', { schemaVersion: 2, manifests: [entry(1)] }, { tag: FALLBACK })
  await expect(list(registry)).resolves.toEqual({ descriptors: [entry(1)], complete: true, source: 'fallback-tag' })
})

test('reads the fallback tag if the API lists nothing', async () => {
  const registry = await serve()
  registry.putManifest('app', { schemaVersion: 2, manifests: [entry(1)] }, { tag: FALLBACK })
  await expect(list(registry)).resolves.toMatchObject({ descriptors: [entry(1)], source: 'fallback-tag' })
})

test('an empty listing is complete', async () => {
  await expect(list(await serve())).resolves.toEqual({ descriptors: [], complete: true, source: 'api' })
  await expect(list(await serve({ referrersApi: false }))).resolves.toEqual({
    descriptors: [],
    complete: true,
    source: 'none',
  })
})

test.each([
  ['401', { status: 401 }, 'REGISTRY_UNAUTHORIZED'],
  ['403', { status: 403 }, 'REGISTRY_UNAUTHORIZED'],
  ['405', { status: 405 }, 'REGISTRY_REQUEST_REFUSED'],
  ['429', { status: 429 }, 'REGISTRY_RATE_LIMITED'],
  ['503', { status: 503 }, 'REGISTRY_UNAVAILABLE'],
  ['an image that is called an index', { body: '{"layers":[]}' }, 'REGISTRY_MANIFEST_AMBIGUOUS'],
  [
    'a redirect to a page of the same registry',
    { status: 302, headers: { location: '/login' } },
    'REGISTRY_REDIRECT_REFUSED',
  ],
  [
    'a redirect to another host',
    { status: 302, headers: { location: 'https://login.test/oauth?state=s3cret' } },
    'REGISTRY_REDIRECT_REFUSED',
  ],
  ['no JSON', { body: '{' }, 'REGISTRY_MANIFEST_INVALID'],
  ['a key twice', { body: '{"manifests":[],"manifests":[]}' }, 'REGISTRY_MANIFEST_INVALID'],
  ['a reset', { reset: true }, 'REGISTRY_UNAVAILABLE'],
])('%s is "could not look", and the fallback tag is not taken for it', async (_, fault, code) => {
  const registry = await serve({
    faults: ({ path }) => (path.includes('/referrers/') ? { headers: { 'content-type': INDEX }, ...fault } : undefined),
  })
  registry.putManifest('app', { schemaVersion: 2, manifests: [entry(1)] }, { tag: FALLBACK })
  await expect(list(registry)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(
      /the referrers request failed: .*(?:registry\.test|127\.0\.0\.1|manifest)/,
    ) as string,
  })
  expect(registry.requests.some(({ path }) => path.includes(FALLBACK))).toBe(false)
})

test.each(['text/html', 'application/json', 'application/vnd.oci.image.manifest.v1+json', null])(
  'reads the fallback tag if the API answers with the media type %s',
  async (mediaType) => {
    const registry = await serve({
      faults: ({ path }) =>
        path.includes('/referrers/') ? { headers: { 'content-type': mediaType }, body: page(entry(2)) } : undefined,
    })
    await expect(list(registry)).resolves.toEqual({ descriptors: [], complete: true, source: 'none' })
    registry.putManifest('app', { schemaVersion: 2, manifests: [entry(1)] }, { tag: FALLBACK })
    await expect(list(registry)).resolves.toEqual({ descriptors: [entry(1)], complete: true, source: 'fallback-tag' })
  },
)

test('names the target of a refused redirect, without its query', async () => {
  const registry = await serve({
    faults: () => ({ status: 302, headers: { location: 'https://login.test/oauth?state=s3cret' } }),
  })
  await expect(list(registry)).rejects.toMatchObject({
    message: expect.stringContaining(
      '`registry.test` redirects to another place, `https://login.test/oauth?state=REDACTED`',
    ) as string,
  })
})

test('follows a redirect that only changes the query', async () => {
  const registry = await serve({
    faults: ({ path }) =>
      path.endsWith('?again') ? { body: page(entry(1)) } : { status: 307, headers: { location: '?again' } },
  })
  await expect(list(registry)).resolves.toMatchObject({ descriptors: [entry(1)], source: 'api' })
})

test('a next page that is not an index is an error, because the registry has the API', async () => {
  const link = `</v2/app/referrers/${SUBJECT}?page=2>; rel="next"`
  const registry = await serve({
    faults: ({ path }) => (path.endsWith('?page=2') ? { status: 404 } : { body: page(entry(1)), headers: { link } }),
  })
  await expect(list(registry)).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_INVALID' })
})

test('invalid entries do not hide valid ones', async () => {
  const registry = await serve({
    faults: () => ({
      body: page(null, { ...entry(1), size: -1 }, entry(2), { ...entry(3), digest: 'x' }, entry(2), 7),
    }),
  })
  await expect(list(registry)).resolves.toEqual({ descriptors: [entry(2)], complete: false, source: 'api' })
})

test('a listing that is not an array is incomplete', async () => {
  await expect(
    list(
      await serve({
        faults: ({ path }) => (path.includes('/referrers/') ? { body: '{"manifests":{"length":1}}' } : undefined),
      }),
    ),
  ).resolves.toMatchObject({ complete: false })
})

test('a fallback tag that is not an index is incomplete', async () => {
  const registry = await serve()
  registry.putManifest('app', { schemaVersion: 2, layers: [] }, { tag: FALLBACK })
  await expect(list(registry)).resolves.toEqual({ descriptors: [], complete: false, source: 'fallback-tag' })
})

describe('a fallback tag', () => {
  const child = { ...entry(7), platform: { os: 'linux', architecture: 'amd64' } }
  const image = { schemaVersion: 2, config: entry(3), layers: [] }
  const bytesOf = (document: object): Uint8Array => Buffer.from(JSON.stringify(document))

  async function listAtTag(document: object, subject: Digest): Promise<ReferrerListing> {
    const registry = await serve({ referrersApi: false })
    registry.putManifest('app', document, { tag: subject.replace(':', '-') })
    const client = createRegistryClient({ hosts: { 'registry.test': { endpoint: registry.endpoint } } })
    return client.openSession().listReferrers('registry.test/app', subject, signal)
  }

  test.each([
    ['the image itself', image, digestOf(bytesOf(image))],
    [
      'the index itself',
      { schemaVersion: 2, manifests: [entry(7)] },
      digestOf(bytesOf({ schemaVersion: 2, manifests: [entry(7)] })),
    ],
    ['an index of platforms', { schemaVersion: 2, manifests: [child] }, SUBJECT],
  ])('that yields %s lists no referrers', async (_, document, subject) => {
    expect(await listAtTag(document, subject)).toEqual({ descriptors: [], complete: true, source: 'none' })
  })

  test('control: another index lists referrers, also one with platforms beside artifact types', async () => {
    for (const manifests of [[entry(7)], [child, { ...entry(8), artifactType: 'a/b' }]])
      expect((await listAtTag({ schemaVersion: 2, manifests }, SUBJECT)).descriptors).toHaveLength(manifests.length)
  })

  test('control: another image stays unclear', async () => {
    expect(await listAtTag(image, SUBJECT)).toMatchObject({ complete: false })
  })
})

test('follows pages of the same listing', async () => {
  const registry = await serve({
    faults: ({ path }) =>
      path.endsWith('?page=2')
        ? { body: page(entry(2)) }
        : { body: page(entry(1)), headers: { link: `</v2/app/referrers/${SUBJECT}?page=2>; rel="next"` } },
  })
  await expect(list(registry)).resolves.toEqual({ descriptors: [entry(1), entry(2)], complete: true, source: 'api' })
})

test.each([
  ['another origin', '<https://evil.test/v2/app/referrers/x>; rel="next"'],
  ['the same path of another origin', `<https://evil.test/v2/app/referrers/${SUBJECT}?page=2>; rel="next"`],
  ['a metadata address', '<http://169.254.169.254/latest>; rel="next"'],
  ['a file', '<file:///etc/passwd>; rel="next"'],
  ['another repository', `</v2/secret/referrers/${SUBJECT}?page=2>; rel="next"`],
  ['itself', `</v2/app/referrers/${SUBJECT}>; rel="next"`],
  ['nothing', '<>; rel="next"'],
  ['somewhere that cannot be read', 'page 2'],
])('a link to %s is not followed, and the listing is incomplete', async (_, link) => {
  const registry = await serve({ faults: () => ({ body: page(entry(1)), headers: { link } }) })
  await expect(list(registry)).resolves.toEqual({ descriptors: [entry(1)], complete: false, source: 'api' })
  expect(registry.requests.length).toBe(1)
})

test('stops at the limit of pages', async () => {
  let n = 0
  const registry = await serve({
    faults: () => ({ body: page(entry(++n)), headers: { link: `</v2/app/referrers/${SUBJECT}?n=${n}>; rel="next"` } }),
  })
  await expect(list(registry, { referrerPages: 4 })).resolves.toMatchObject({
    descriptors: [entry(1), entry(2), entry(3), entry(4)],
    complete: false,
  })
  expect(registry.requests.length).toBe(4)
})

test('keeps the first referrers up to the limit', async () => {
  const registry = await serve({
    faults: () => ({
      body: page(
        ...Array.from({ length: 2_000 }, (_, i) => entry(i)),
        ...Array.from({ length: 8_000 }, () => entry(0)),
      ),
    }),
  })
  const listing = await list(registry, { manifestBytes: 32 * 1024 * 1024 })
  expect(listing).toMatchObject({ complete: false, source: 'api' })
  expect(listing.descriptors).toEqual(Array.from({ length: 1000 }, (_, i) => entry(i)))
})

test('refuses a listing with too many JSON tokens', async () => {
  const registry = await serve({
    faults: () => ({ body: page(...Array.from({ length: 20_000 }, (_, i) => entry(i))) }),
  })
  await expect(list(registry, { manifestBytes: 32 * 1024 * 1024 })).rejects.toMatchObject({
    code: 'REGISTRY_MANIFEST_INVALID',
    message: expect.stringContaining('more than 100000 JSON tokens'),
  })
})

test('truncates the fallback tag of a long digest to the length of a tag', async () => {
  const registry = await serve({ referrersApi: false })
  const client = createRegistryClient({ hosts: { 'registry.test': { endpoint: registry.endpoint } } })
  await client.openSession().listReferrers('registry.test/app', parseDigest(`sha512:${'b'.repeat(128)}`), signal)
  expect(paths(registry)[1]).toBe(`/v2/app/manifests/sha512-${'b'.repeat(64)}`)
})

test('refuses a subject that is not a digest without a request', async () => {
  const registry = await serve()
  const session = createRegistryClient({ hosts: { 'registry.test': { endpoint: registry.endpoint } } }).openSession()
  await expect(session.listReferrers('registry.test/app', 'sha256:../x' as never, signal)).rejects.toMatchObject({
    code: 'REGISTRY_REFERENCE_INVALID',
  })
  expect(registry.requests).toEqual([])
})
