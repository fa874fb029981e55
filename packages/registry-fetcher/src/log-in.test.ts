import { parseDigest } from '@verify-images/primitives'
import { afterEach, describe, expect, test } from 'vitest'
import { startLoopbackRegistry } from '@verify-images/testing'
import type { Digest, Fault, LoggedRequest, LoopbackRegistry } from '@verify-images/testing'
import type { RegistryClientOptions } from './client-options.ts'
import { fixed } from './credentials.ts'
import type { Credential } from './credentials.ts'
import { createRegistryClient } from './registry-client.ts'
import type { RegistryClient } from './registry-client.ts'
import type { RegistrySession } from './session.ts'

const APP = 'registry.test/app'
const SIG = 'sha256-0.sig'
const RIGHT: Credential = { kind: 'basic', username: 'user', password: 'right' }
const WRONG: Credential = { kind: 'basic', username: 'user', password: 'wrong' }
const headerOf = (password: string): string => `Basic ${Buffer.from(`user:${password}`).toString('base64')}`

const registries: LoopbackRegistry[] = []
afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.close()
})

/** The answers of a private registry without a log-in, except at `/v2/`. */
const hidden = {
  'a 403': { status: 403 },
  'a bare 401': { status: 401 },
  'a 404': { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN","message":"unknown"}]}' },
} as const satisfies Record<string, Fault>

interface World {
  readonly answer?: Fault
  readonly scheme?: 'Basic' | 'Bearer' | 'none'
  /** Paths that anyone can read. */
  readonly open?: RegExp
  /** Paths that are 404 to everyone. */
  readonly hides?: RegExp
}

async function serveWith(faults: (request: LoggedRequest) => Fault | undefined): Promise<LoopbackRegistry> {
  const registry = await startLoopbackRegistry({ faults })
  registries.push(registry)
  return registry
}

/** Starts a registry that challenges at `/v2/` only; its tag `1` exists, and the signature if `signed`. */
async function serve(
  { answer = hidden['a 404'], scheme = 'Basic', open = /^$/, hides = /^$/ }: World,
  signed: boolean = true,
): Promise<LoopbackRegistry> {
  const accepted = (authorization: string | undefined): boolean =>
    authorization === (scheme === 'Bearer' ? 'Bearer right' : headerOf('right'))
  const challenge = { Basic: 'Basic realm="x"', Bearer: 'Bearer realm="http://registry.test/token"', none: null }[
    scheme
  ]
  const registry = await serveWith(({ path, headers: { authorization } }) => {
    if (hides.test(path)) return hidden['a 404']
    if (path.startsWith('/token'))
      return authorization === headerOf('right') ? { status: 200, body: '{"token":"right"}' } : { status: 401 }
    if (accepted(authorization) || open.test(path)) return undefined
    if (path !== '/v2/') return answer
    return challenge === null ? undefined : { status: 401, headers: { 'www-authenticate': challenge } }
  })
  const image = { schemaVersion: 2, config: registry.putBlob('{}'), layers: [] }
  registry.putManifest('app', image, { tag: '1' })
  if (signed) registry.putManifest('app', image, { tag: SIG })
  return registry
}

function clientFor(
  registry: LoopbackRegistry,
  credential: Credential = { kind: 'anonymous' },
  hosts: RegistryClientOptions['hosts'] = {},
): RegistryClient {
  return createRegistryClient({
    credentials: fixed('registry.test', credential),
    limits: { retryDelayMs: 1 },
    hosts: { ...hosts, 'registry.test': { endpoint: registry.endpoint } },
  })
}

const open = (...given: Parameters<typeof clientFor>): RegistrySession => clientFor(...given).openSession()

/** Returns the digest of the image, read as its owner. */
async function subjectOf(registry: LoopbackRegistry): Promise<Digest> {
  const image = await open(registry, RIGHT).fetchManifest(APP, '1')
  if ('notFound' in image) throw new Error('the image is missing')
  return image.digest
}

/** Paths and the password or token that was sent, `-` for none. */
const sent = (registry: LoopbackRegistry): readonly string[] =>
  registry.requests.map(({ path, headers: { authorization = '-' } }) => {
    const [scheme = '', value = ''] = authorization.split(' ')
    const shown = scheme === 'Basic' ? Buffer.from(value, 'base64').toString().slice('user:'.length) : value || '-'
    return `${path.replace('/v2/app/manifests/', '').replace(/\?.*/, '')} ${shown}`
  })

describe.each(Object.entries(hidden))('a registry that answers anonymous requests with %s', (_, answer) => {
  test.each(['Basic', 'Bearer'] as const)('is read after its %s challenge at `/v2/`', async (scheme) => {
    const registry = await serve({ answer, scheme })
    const session = open(registry, RIGHT)
    expect(await session.fetchManifest(APP, '1')).toHaveProperty('digest')
    expect(await session.fetchManifest(APP, SIG)).toHaveProperty('digest')
    const token = scheme === 'Bearer' ? ['/token right'] : []
    expect(sent(registry)).toEqual(['1 -', '/v2/ -', ...token, '1 right', `${SIG} right`])
  })

  test('is believed that a signature does not exist where the credential has read a manifest', async () => {
    const registry = await serve({ answer }, false)
    const session = open(registry, RIGHT)
    await session.fetchManifest(APP, '1')
    expect(await session.fetchManifest(APP, SIG)).toMatchObject({ notFound: true })
    expect(sent(registry)).toEqual(['1 -', '/v2/ -', '1 right', `${SIG} right`])
  })

  test.each(['Basic', 'Bearer'] as const)('cannot be checked with a wrong password (%s)', async (scheme) => {
    const session = open(await serve({ answer, scheme }), WRONG)
    for (const tag of ['1', SIG])
      await expect(session.fetchManifest(APP, tag)).rejects.toMatchObject({ code: 'REGISTRY_UNAUTHORIZED' })
  })

  test('cannot be checked if no challenge asks for the credential', async () => {
    const registry = await serve({ answer, scheme: 'none' })
    const session = open(registry, RIGHT)
    for (const tag of ['1', SIG])
      await expect(session.fetchManifest(APP, tag)).rejects.toMatchObject({
        code: 'REGISTRY_UNAUTHORIZED',
        message: expect.stringContaining('`registry.test`') as string,
      })
    expect(sent(registry)).toEqual(['1 -', '/v2/ -', `${SIG} -`])
  })

  test('control: without credentials nothing is asked at `/v2/`', async () => {
    const registry = await serve({ answer })
    const result = open(registry).fetchManifest(APP, SIG)
    if (answer.status === 404) expect(await result).toMatchObject({ notFound: true })
    else await expect(result).rejects.toMatchObject({ code: 'REGISTRY_UNAUTHORIZED' })
    expect(sent(registry)).toEqual([`${SIG} -`])
  })
})

test('finds a signature that is hidden beside an image that anyone can read', async () => {
  const registry = await serve({ open: /\/manifests\/1$/ })
  const session = open(registry, RIGHT)
  await session.fetchManifest(APP, '1')
  expect(await session.fetchManifest(APP, SIG)).toHaveProperty('digest')
  expect(sent(registry)).toEqual(['1 -', `${SIG} -`, '/v2/ -', `${SIG} right`])
})

describe('an image that is given by its digest', () => {
  const digest = `sha256:${'f'.repeat(64)}`
  const tagOf = (of: string): string => `${of.replace(':', '-')}.sig`

  test.each(Object.entries(hidden))('has no signature once the credential has read it, after %s', async (_, answer) => {
    const registry = await serve({ answer }, false)
    const subject = await subjectOf(registry)
    const before = registry.requests.length
    const session = open(registry, RIGHT)
    expect(await session.fetchManifest(APP, tagOf(subject))).toHaveProperty('notFound')
    // The manifest has been read, so the next 404 is believed.
    expect(await session.fetchManifest(APP, tagOf(subject).replace('.sig', '.att'))).toHaveProperty('notFound')
    const [sig, att] = [tagOf(subject), tagOf(subject).replace('.sig', '.att')]
    expect(sent(registry).slice(before)).toEqual([
      `${sig} -`,
      '/v2/ -',
      `${sig} right`,
      `${subject} right`,
      `${att} right`,
    ])
  })

  test.each(['Basic', 'Bearer'] as const)(
    'cannot be checked if the registry hides it from a credential that it accepts (%s)',
    async (scheme) => {
      // Everything below the repository is 404, also to the right password: another project's.
      const registry = await serve({ scheme, hides: /\/manifests\// })
      const session = open(registry, RIGHT)
      await expect(session.fetchManifest(APP, tagOf(digest))).rejects.toMatchObject({
        code: 'REGISTRY_UNAUTHORIZED',
        message: expect.stringContaining('its credential has read no manifest of the repository') as string,
      })
      expect(registry.requests.at(-1)?.headers.authorization).toBeDefined()
    },
  )

  test('an image that is given by its digest costs one request more than its signature if it has none and a token of an earlier session serves', async () => {
    const registry = await serve({ scheme: 'Bearer' }, false)
    const client = clientFor(registry, RIGHT)
    const image = await client.openSession().fetchManifest(APP, '1')
    if ('notFound' in image) throw new Error('the image is missing')
    const before = registry.requests.length
    expect(await client.openSession().fetchManifest(APP, tagOf(image.digest))).toHaveProperty('notFound')
    expect(sent(registry).slice(before)).toEqual([`${tagOf(image.digest)} right`, `${image.digest} right`])
  })

  test('control: costs nothing more if it has a signature', async () => {
    const registry = await serve({ answer: hidden['a 403'] })
    const session = open(registry, RIGHT)
    expect(await session.fetchManifest(APP, SIG)).toHaveProperty('digest')
    expect(sent(registry)).toEqual([`${SIG} -`, '/v2/ -', `${SIG} right`])
  })
})

test('a fault of the manifest that would prove access is the error', async () => {
  const subject = `sha256:${'a'.repeat(64)}`
  const challenge = { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
  const registry = await serveWith(({ path }) =>
    path === '/v2/' ? challenge : { status: path.endsWith(subject) ? 500 : 404 },
  )
  const result = open(registry, RIGHT).fetchManifest(APP, `${subject.replace(':', '-')}.sig`)
  await expect(result).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
})

describe('referrers of a repository where nothing has been read', () => {
  const subject = parseDigest(`sha256:${'a'.repeat(64)}`)

  test('referrers of a repository where nothing has been read are read from the fallback tag, which proves that there is no referrers API', async () => {
    const registry = await serve({ scheme: 'Bearer' })
    registry.putManifest('app', { schemaVersion: 2, manifests: [] }, { tag: subject.replace(':', '-') })
    const listing = await open(registry, RIGHT).listReferrers(APP, subject)
    expect(listing).toMatchObject({ descriptors: [], complete: true })
  })

  test('referrers of a repository where nothing has been read cannot be listed if the fallback tag is missing, too', async () => {
    const registry = await serve({ scheme: 'Bearer', hides: /referrers/ })
    await expect(open(registry, RIGHT).listReferrers(APP, subject)).rejects.toMatchObject({
      code: 'REGISTRY_UNAUTHORIZED',
    })
  })
})

test('greets once for requests at the same time, in several repositories', async () => {
  const registry = await serve({}, false)
  registry.repository('other')
  const session = open(registry, RIGHT)
  const read = (path: string, tag: string): Promise<unknown> => session.fetchManifest(`registry.test/${path}`, tag)
  await Promise.allSettled([read('app', '1'), read('app', SIG), read('other', '1'), read('other', SIG)])
  expect(sent(registry).filter((line) => line.startsWith('/v2/ '))).toEqual(['/v2/ -'])
})

test('does not believe a 404 to a token of an earlier session, which may have expired', async () => {
  let valid = 't1'
  const registry = await startLoopbackRegistry({
    faults: ({ path, headers: { authorization } }) => {
      if (path.startsWith('/token')) return { status: 200, body: JSON.stringify({ token: valid }) }
      if (authorization === `Bearer ${valid}`) return undefined
      const headers = { 'www-authenticate': 'Bearer realm="http://registry.test/token"' }
      return path === '/v2/' ? { status: 401, headers } : hidden['a 404']
    },
  })
  registries.push(registry)
  registry.putManifest('app', { schemaVersion: 2, config: registry.putBlob('{}'), layers: [] }, { tag: '1' })
  const client = createRegistryClient({
    credentials: fixed('registry.test', RIGHT),
    hosts: { 'registry.test': { endpoint: registry.endpoint } },
  })
  await client.openSession().fetchManifest(APP, '1')
  valid = 't2'
  const before = registry.requests.length
  expect(await client.openSession().fetchManifest(APP, '1')).toHaveProperty('digest')
  expect(sent(registry).slice(before)).toEqual(['1 t1', '/v2/ -', '/token right', '1 t2'])
})

test('a registry that challenges each request is not greeted', async () => {
  const answer = { status: 401, headers: { 'www-authenticate': 'Bearer realm="http://registry.test/token"' } }
  const registry = await serve({ answer, scheme: 'Bearer' }, false)
  const session = open(registry, RIGHT)
  expect(await session.fetchManifest(APP, '1')).toHaveProperty('digest')
  expect(await session.fetchManifest(APP, SIG)).toMatchObject({ notFound: true })
  expect(sent(registry)).toEqual(['1 -', '/token right', '1 right', `${SIG} right`])
})

test('greets for referrers too: an empty or missing listing may be hidden', async () => {
  const registry = await serve({})
  const image = await open(registry, RIGHT).fetchManifest(APP, '1')
  if ('notFound' in image) throw new Error('the image is missing')
  const signature = { schemaVersion: 2, config: registry.putBlob('{}'), layers: [] }
  const subject = { mediaType: image.mediaType, digest: image.digest, size: image.bytes.length }
  registry.putManifest('app', { ...signature, subject })
  const listing = await open(registry, RIGHT).listReferrers(APP, image.digest)
  expect(listing.descriptors).toHaveLength(1)
})

describe('a challenge of another origin', () => {
  const elsewhere = (): Promise<LoopbackRegistry> =>
    serve({ answer: { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } } })

  test.each(['manifest', 'greeting'] as const)(
    'a challenge of another origin of the %s is not answered',
    async (what) => {
      const other = await elsewhere()
      const redirect = { status: 302, headers: { location: `${other.endpoint}/v2/app/manifests/1` } }
      const registry = await startLoopbackRegistry({
        faults: ({ path }) =>
          path === '/v2/' ? (what === 'greeting' ? redirect : {}) : what === 'manifest' ? redirect : { status: 404 },
      })
      registries.push(registry)
      const session = open(registry, RIGHT, { 'other.test': { endpoint: other.endpoint } })
      await expect(session.fetchManifest(APP, '1')).rejects.toMatchObject({ code: 'REGISTRY_UNAUTHORIZED' })
      for (const { headers } of [...registry.requests, ...other.requests]) expect(headers.authorization).toBeUndefined()
      expect(other.requests).toHaveLength(1)
    },
  )
})

test.each([429, 503])('a greeting that is answered with %i proves nothing', async (status) => {
  const registry = await startLoopbackRegistry({ faults: ({ path }) => ({ status: path === '/v2/' ? status : 404 }) })
  registries.push(registry)
  await expect(open(registry, RIGHT).fetchManifest(APP, '1')).rejects.toMatchObject({ status })
})
