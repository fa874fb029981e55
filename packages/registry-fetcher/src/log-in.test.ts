import { afterEach, describe, expect, test } from 'vitest'
import { startLoopbackRegistry } from '@verify-images/testing'
import type { Fault, LoggedRequest, LoopbackRegistry } from '@verify-images/testing'
import type { RegistryClientOptions } from './client-options.ts'
import { fixed } from './credentials.ts'
import type { Credential } from './credentials.ts'
import { createRegistryClient } from './registry-client.ts'
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

/** How a private registry answers whoever is not logged in, except at `/v2/`. */
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
}

/** A registry that challenges at `/v2/` only; its tag `1` exists, and the signature if `signed`. */
async function serve(
  { answer = hidden['a 404'], scheme = 'Basic', open = /^$/ }: World,
  signed: boolean = true,
): Promise<LoopbackRegistry> {
  const accepted = (authorization: string | undefined): boolean =>
    authorization === (scheme === 'Bearer' ? 'Bearer right' : headerOf('right'))
  const challenge = { Basic: 'Basic realm="x"', Bearer: 'Bearer realm="http://registry.test/token"', none: null }[
    scheme
  ]
  const registry = await startLoopbackRegistry({
    faults: ({ path, headers: { authorization } }: LoggedRequest) => {
      if (path.startsWith('/token'))
        return authorization === headerOf('right') ? { status: 200, body: '{"token":"right"}' } : { status: 401 }
      if (accepted(authorization) || open.test(path)) return undefined
      if (path !== '/v2/') return answer
      return challenge === null ? undefined : { status: 401, headers: { 'www-authenticate': challenge } }
    },
  })
  registries.push(registry)
  const image = { schemaVersion: 2, config: registry.putBlob('{}'), layers: [] }
  registry.putManifest('app', image, { tag: '1' })
  if (signed) registry.putManifest('app', image, { tag: SIG })
  return registry
}

function open(
  registry: LoopbackRegistry,
  credential: Credential = { kind: 'anonymous' },
  hosts: RegistryClientOptions['hosts'] = {},
): RegistrySession {
  return createRegistryClient({
    credentials: fixed('registry.test', credential),
    limits: { retryDelayMs: 1 },
    hosts: { ...hosts, 'registry.test': { endpoint: registry.endpoint } },
  }).openSession()
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

test('believes that an image given by digest has no signature once `/v2/` has accepted the password', async () => {
  const registry = await serve({}, false)
  const session = open(registry, RIGHT)
  for (const tag of [SIG, 'sha256-0.att']) expect(await session.fetchManifest(APP, tag)).toHaveProperty('notFound')
  expect(sent(registry)).toEqual([`${SIG} -`, '/v2/ -', `${SIG} right`, '/v2/ right', 'sha256-0.att right'])
})

test('greets once for requests at the same time, in several repositories', async () => {
  const registry = await serve({}, false)
  registry.repository('other')
  const session = open(registry, RIGHT)
  const read = (path: string, tag: string): Promise<unknown> => session.fetchManifest(`registry.test/${path}`, tag)
  await Promise.all([read('app', '1'), read('app', SIG), read('other', '1'), read('other', SIG)])
  expect(sent(registry).filter((line) => line.startsWith('/v2/ '))).toEqual(['/v2/ -', '/v2/ right'])
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
  expect(await session.fetchManifest(APP, SIG)).toMatchObject({ notFound: true })
  expect(sent(registry)).toEqual([`${SIG} -`, '/token right', `${SIG} right`])
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

  test.each(['manifest', 'greeting'] as const)('of the %s is not answered', async (what) => {
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
  })
})

test.each([429, 503])('a greeting that is answered with %i proves nothing', async (status) => {
  const registry = await startLoopbackRegistry({ faults: ({ path }) => ({ status: path === '/v2/' ? status : 404 }) })
  registries.push(registry)
  await expect(open(registry, RIGHT).fetchManifest(APP, '1')).rejects.toMatchObject({ status })
})

describe('a `/v2/` that redirects whoever shows a credential', () => {
  async function serveMoved(location: (endpoint: string) => string): Promise<LoopbackRegistry> {
    const registry = await startLoopbackRegistry({
      faults: ({ path, headers: { authorization } }) => {
        if (path === '/v2/' && authorization === undefined)
          return { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
        if (path === '/v2/') return { status: 302, headers: { location: location(registry.endpoint) } }
        return path.includes('/manifests/') ? hidden['a 404'] : { status: 200, body: '<h1>Log in</h1>' }
      },
    })
    registries.push(registry)
    return registry
  }

  test.each([
    ['a log-in page of its own', '/login'],
    ['another path below it', '/v2/login'],
    ['a page of another host', 'http://sso.test/v2/'],
  ])('to %s has not accepted the credential', async (_, location) => {
    const page = await startLoopbackRegistry({ faults: () => ({ status: 200, body: '<h1>Log in</h1>' }) })
    registries.push(page)
    const registry = await serveMoved(() => location)
    const session = open(registry, RIGHT, { 'sso.test': { endpoint: page.endpoint } })
    await expect(session.fetchManifest(APP, SIG)).rejects.toMatchObject({ code: 'REGISTRY_REDIRECT_REFUSED' })
    expect(page.requests).toEqual([])
  })

  test('control: one that only drops the last slash has accepted it', async () => {
    const registry = await serveMoved((endpoint) => `${endpoint}/v2`)
    expect(await open(registry, RIGHT).fetchManifest(APP, SIG)).toMatchObject({ notFound: true })
  })
})
