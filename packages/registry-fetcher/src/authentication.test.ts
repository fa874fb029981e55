import { afterEach, expect, test } from 'vitest'
import type { HostOptions, RegistryClientOptions } from './client-options.ts'
import type { Credential, CredentialProvider } from './credentials.ts'
import { fixed } from './credentials.ts'
import { createRegistryClient } from './registry-client.ts'
import type { RegistryClient } from './registry-client.ts'
import { startLoopbackRegistry } from '@verify-images/testing'
import type { LoopbackRegistry, LoggedRequest, Fault } from '@verify-images/testing'

const signal = new AbortController().signal
const APP = 'registry.test/app'
const BASIC: Credential = { kind: 'basic', username: 'user', password: 'pässword' }
const BASIC_HEADER = `Basic ${Buffer.from('user:pässword').toString('base64')}`
const registries: LoopbackRegistry[] = []
afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.close()
})

async function serve(faults: (request: LoggedRequest) => Fault | undefined): Promise<LoopbackRegistry> {
  const registry = await startLoopbackRegistry({ faults })
  registries.push(registry)
  for (const tag of ['1', '2'])
    registry.putManifest('app', { schemaVersion: 2, config: registry.putBlob('{}'), layers: [] }, { tag })
  return registry
}

interface TokenWorld {
  /** Default: `/token` of the registry itself. */
  readonly realm?: string
  /** Tokens given out, in order; the last for all that follow. */
  readonly tokens?: readonly unknown[]
  readonly answer?: Fault
  readonly accepted?: (token: string) => boolean
}

/** Returns a registry that wants a token of its own token server. */
function tokenFaults({
  realm = 'http://registry.test/token',
  tokens = [{ token: 't1' }],
  answer,
  accepted = () => true,
}: TokenWorld): (request: LoggedRequest) => Fault | undefined {
  let given = 0
  return ({ path, headers }) => {
    if (path.startsWith('/token'))
      return { status: 200, body: JSON.stringify(tokens[Math.min(given++, tokens.length - 1)]), ...answer }
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    if (token !== undefined && accepted(token)) return undefined
    return {
      status: 401,
      headers: {
        'www-authenticate': `Bearer realm="${realm}",service="registry.test",scope="repository:app:pull,push registry:catalog:*"`,
      },
    }
  }
}

function clientFor(
  registry: LoopbackRegistry,
  options: RegistryClientOptions = {},
  host: HostOptions = {},
): RegistryClient {
  return createRegistryClient({
    limits: { retryDelayMs: 1 },
    ...options,
    hosts: { ...options.hosts, 'registry.test': { endpoint: registry.endpoint, ...host } },
  })
}

const sent = (registry: LoopbackRegistry): readonly string[] =>
  registry.requests.map(({ method, path, headers }) => `${method} ${path} ${headers.authorization ?? '-'}`)

test('is anonymous until challenged, then requests one token for the repository, for pulling only', async () => {
  const registry = await serve(tokenFaults({}))
  const session = clientFor(registry).openSession()
  await session.fetchManifest(APP, '1', signal)
  await session.fetchManifest(APP, '2', signal)
  expect(sent(registry)).toEqual([
    'GET /v2/app/manifests/1 -',
    'GET /token?scope=repository%3Aapp%3Apull&service=registry.test -',
    'GET /v2/app/manifests/1 Bearer t1',
    'GET /v2/app/manifests/2 Bearer t1',
  ])
})

test('shares one token among requests that are challenged at the same time', async () => {
  const registry = await serve(tokenFaults({}))
  const session = clientFor(registry).openSession()
  await Promise.all(['1', '2', 'none'].map((tag) => session.fetchManifest(APP, tag, signal)))
  expect(sent(registry).filter((line) => line.includes('/token')).length).toBe(1)
})

test('sends a cached token without a challenge in later sessions, for the same credential only', async () => {
  const registry = await serve(tokenFaults({ tokens: [{ access_token: 't1', expires_in: 300 }, { token: 't2' }] }))
  const client = clientFor(registry)
  await client.openSession().fetchManifest(APP, '1', signal)
  await client.openSession().fetchManifest(APP, '2', signal)
  expect(sent(registry).at(-1)).toBe('GET /v2/app/manifests/2 Bearer t1')
  await client
    .openSession()
    .withCredentials(fixed('registry.test', BASIC), { key: 'a' })
    .fetchManifest(APP, '2', signal)
  expect(sent(registry).slice(-3)).toEqual([
    'GET /v2/app/manifests/2 -',
    `GET /token?scope=repository%3Aapp%3Apull&service=registry.test ${BASIC_HEADER}`,
    'GET /v2/app/manifests/2 Bearer t2',
  ])
})

test('replaces a refused token once for all requests', async () => {
  const valid = new Set(['t1'])
  const registry = await serve(
    tokenFaults({ tokens: [{ token: 't1' }, { token: 't2' }], accepted: (token) => valid.has(token) }),
  )
  const session = clientFor(registry).openSession()
  await session.fetchManifest(APP, '1', signal)
  valid.delete('t1')
  valid.add('t2')
  await Promise.all(['2', 'none', 'nothing'].map((tag) => session.fetchManifest(APP, tag, signal)))
  expect(sent(registry).filter((line) => line.includes('/token')).length).toBe(2)
})

test('sends two requests to a registry that refuses every token', async () => {
  const registry = await serve(tokenFaults({ accepted: () => false }))
  await expect(clientFor(registry).openSession().fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_UNAUTHORIZED',
    status: 401,
  })
  expect(registry.requests.length).toBe(3)
})

test('exchanges an identity token, and sends it to the token server only', async () => {
  const registry = await serve(tokenFaults({}))
  await clientFor(registry, { credentials: fixed('registry.test', { kind: 'identity-token', token: 'refresh' }) })
    .openSession()
    .fetchManifest(APP, '1', signal)
  expect(sent(registry)).toEqual(['GET /v2/app/manifests/1 -', 'POST /token -', 'GET /v2/app/manifests/1 Bearer t1'])
  expect(Object.fromEntries(new URLSearchParams(registry.requests[1]?.body))).toEqual({
    grant_type: 'refresh_token',
    client_id: 'verify-images',
    refresh_token: 'refresh',
    service: 'registry.test',
    scope: 'repository:app:pull',
  })
})

test('sends a registry token as it is', async () => {
  const registry = await serve(tokenFaults({}))
  await clientFor(registry, { credentials: fixed('registry.test', { kind: 'bearer', token: 'given' }) })
    .openSession()
    .fetchManifest(APP, '1', signal)
  expect(sent(registry)).toEqual(['GET /v2/app/manifests/1 -', 'GET /v2/app/manifests/1 Bearer given'])
})

const basicFaults = ({ headers }: LoggedRequest): Fault | undefined =>
  headers.authorization === BASIC_HEADER
    ? undefined
    : { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }

test('sends a password after a challenge, then without one to the same origin', async () => {
  const registry = await serve(basicFaults)
  const client = clientFor(registry, { credentials: fixed('registry.test', BASIC) })
  await client.openSession().fetchManifest(APP, '1', signal)
  await client.openSession().fetchManifest(APP, '2', signal)
  expect(sent(registry)).toEqual([
    'GET /v2/app/manifests/1 -',
    `GET /v2/app/manifests/1 ${BASIC_HEADER}`,
    `GET /v2/app/manifests/2 ${BASIC_HEADER}`,
  ])
})

test('sends a wrong password once', async () => {
  const registry = await serve(basicFaults)
  const client = clientFor(registry, { credentials: fixed('registry.test', { ...BASIC, password: 'wrong' }) })
  await expect(client.openSession().fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_UNAUTHORIZED',
  })
  expect(registry.requests.length).toBe(2)
})

test.each<[string, string | null, Credential, readonly string[]]>([
  ['an anonymous caller', 'Basic realm="x"', { kind: 'anonymous' }, []],
  ['an identity token', 'Basic realm="x"', { kind: 'identity-token', token: 't' }, []],
  ['a password, for an unknown scheme', 'Negotiate', BASIC, []],
  ['a password, without a challenge', null, BASIC, ['GET /v2/ -']],
])('%s has nothing to show', async (_, challenge, credential, greetings) => {
  const registry = await serve(() => ({ status: 401, headers: { 'www-authenticate': challenge } }))
  const client = clientFor(registry, { credentials: fixed('registry.test', credential) })
  await expect(client.openSession().fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    code: 'REGISTRY_UNAUTHORIZED',
  })
  expect(sent(registry)).toEqual(['GET /v2/app/manifests/1 -', ...greetings])
})

test.each([
  ['the metadata service', 'http://169.254.169.254/latest/meta-data'],
  ['the metadata service over TLS', 'https://169.254.169.254/latest'],
  ['the metadata service in other words', 'https://[::ffff:a9fe:a9fe]/'],
  ['this machine', 'https://127.0.0.1:1/token'],
  ['this machine as a number', 'https://2130706433/token'],
  ['a private address', 'https://10.0.0.1/token'],
  ['plain HTTP', 'http://auth.test/token'],
  ['a file', 'file:///etc/passwd'],
  ['a relative path', '/token'],
  ['a password', 'https://u:p@auth.test/token'],
  ['a name without measure', `https://auth.test/${'a'.repeat(7000)}${'b'.repeat(2000)}`],
  ['nothing', ''],
])('a realm of %s is not asked', async (_, realm) => {
  const registry = await serve(tokenFaults({ realm }))
  const session = clientFor(registry).openSession()
  await expect(session.fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    code: expect.stringMatching(/^REGISTRY_(?:REALM_REFUSED|ADDRESS_REFUSED|UNAUTHORIZED)$/) as string,
  })
  expect(registry.requests.length).toBe(1)
})

test('sends a password to a realm on another host only if that is listed', async () => {
  const tokenServer = await serve(() => ({ status: 200, body: '{"token":"t1"}' }))
  const registry = await serve(tokenFaults({ realm: 'http://auth.test/token' }))
  const hosts = { 'auth.test': { endpoint: tokenServer.endpoint } }
  const credentials = fixed('registry.test', BASIC)
  await expect(
    clientFor(registry, { hosts, credentials }).openSession().fetchManifest(APP, '1', signal),
  ).rejects.toMatchObject({
    code: 'REGISTRY_REALM_REFUSED',
    message: expect.stringContaining('tokenServers') as string,
  })
  expect(tokenServer.requests).toEqual([])
  await clientFor(registry, { hosts, credentials }, { tokenServers: ['auth.test'] })
    .openSession()
    .fetchManifest(APP, '1', signal)
  expect(tokenServer.requests[0]?.headers.authorization).toBe(BASIC_HEADER)
  expect(sent(registry).at(-1)).toBe('GET /v2/app/manifests/1 Bearer t1')
})

test('requests an anonymous token from a realm on another host', async () => {
  const tokenServer = await serve(() => ({ status: 200, body: '{"token":"t1"}' }))
  const registry = await serve(tokenFaults({ realm: 'http://auth.test/token' }))
  const client = clientFor(registry, { hosts: { 'auth.test': { endpoint: tokenServer.endpoint } } })
  await expect(client.openSession().fetchManifest(APP, '1', signal)).resolves.toHaveProperty('digest')
})

test.each(['http://169.254.169.254/', '/token-elsewhere'])(
  'a token server that redirects to %s is not followed',
  async (location) => {
    const registry = await serve(tokenFaults({ answer: { status: 302, headers: { location } } }))
    await expect(clientFor(registry).openSession().fetchManifest(APP, '1', signal)).rejects.toMatchObject({
      code: 'REGISTRY_REDIRECT_REFUSED',
    })
    expect(registry.requests.length).toBe(2)
  },
)

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(64 * 1024, ' ')
}

test.each<[string, string, Fault]>([
  ['no JSON', 'REGISTRY_RESPONSE_INVALID', { body: '<html>' }],
  ['no token', 'REGISTRY_RESPONSE_INVALID', { body: '{}' }],
  ['a token that is not a string', 'REGISTRY_RESPONSE_INVALID', { body: '{"token":1}' }],
  ['a token with a line break', 'REGISTRY_RESPONSE_INVALID', { body: '{"token":"a\\r\\nX-Evil: 1"}' }],
  ['a token with a space', 'REGISTRY_RESPONSE_INVALID', { body: '{"token":"a b"}' }],
  ['a token as a prototype', 'REGISTRY_RESPONSE_INVALID', { body: '{"__proto__":{"token":"x"}}' }],
  ['two tokens', 'REGISTRY_RESPONSE_INVALID', { body: '{"token":"a","token":"b"}' }],
  ['a token without measure', 'REGISTRY_RESPONSE_INVALID', { body: JSON.stringify({ token: 'a'.repeat(20_000) }) }],
  ['1 GB', 'REGISTRY_RESPONSE_TOO_LARGE', { headers: { 'content-length': '1000000000' } }],
  ['no end', 'REGISTRY_RESPONSE_TOO_LARGE', { body: endless() }],
  ['gzip', 'REGISTRY_RESPONSE_INVALID', { headers: { 'content-encoding': 'gzip' } }],
  ['401', 'REGISTRY_UNAUTHORIZED', { status: 401 }],
  ['503', 'REGISTRY_UNAVAILABLE', { status: 503 }],
])('a token server that answers %s', async (_, code, answer) => {
  const registry = await serve(tokenFaults({ answer }))
  await expect(clientFor(registry).openSession().fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    code,
    place: 'registry.test/app:1',
  })
})

test('requests a token that is refused once per session', async () => {
  const registry = await serve(tokenFaults({ answer: { status: 403 } }))
  const session = clientFor(registry).openSession()
  for (const tag of ['1', '2', 'none'])
    await expect(session.fetchManifest(APP, tag, signal)).rejects.toMatchObject({ code: 'REGISTRY_UNAUTHORIZED' })
  expect(sent(registry).filter((line) => line.includes('/token')).length).toBe(1)
})

test('reports the answer of a token server with its URL', async () => {
  const registry = await serve(
    tokenFaults({ answer: { status: 401, body: '{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}' } }),
  )
  await expect(clientFor(registry).openSession().fetchManifest(APP, '1', signal)).rejects.toMatchObject({
    detail: {
      url: expect.stringMatching(
        /^http:\/\/127\.0\.0\.1:\d+\/token\?scope=repository%3Aapp%3Apull&service=registry\.test$/,
      ) as string,
      errors: [{ code: 'UNAUTHORIZED', message: 'no' }],
    },
  })
})

test('calls the provider once per repository, with its full name', async () => {
  const asked: string[] = []
  const credentials: CredentialProvider = {
    credentialFor: (repository) => {
      asked.push(repository)
      return Promise.resolve(BASIC)
    },
  }
  const session = clientFor(await serve(basicFaults), { credentials }).openSession()
  await Promise.all(['1', '2'].map((tag) => session.fetchManifest(APP, tag, signal)))
  expect(asked).toEqual([APP])
})

test('ends a request whose provider never answers at its timeout', async () => {
  const registry = await serve(() => undefined)
  const credentials: CredentialProvider = { credentialFor: () => new Promise(() => undefined) }
  const session = clientFor(registry, { credentials, limits: { requestMs: 50 } }).openSession()
  await expect(session.fetchManifest(APP, '1', signal)).rejects.toMatchObject({ code: 'REGISTRY_TIMEOUT' })
})

test("prefers the provider of a host to the client's", async () => {
  const registry = await serve(basicFaults)
  const refused: CredentialProvider = { credentialFor: () => Promise.reject(new Error('not me')) }
  await expect(
    clientFor(registry, { credentials: refused }, { credentials: fixed('registry.test', BASIC) })
      .openSession()
      .fetchManifest(APP, '1', signal),
  ).resolves.toHaveProperty('digest')
})

test.each<[string, () => unknown]>([
  ['fails', () => Promise.reject(new Error('s3cret'))],
  [
    'throws',
    () => {
      throw new TypeError('s3cret')
    },
  ],
  ['gives nothing', () => Promise.resolve(undefined)],
  ['gives an unknown kind', () => Promise.resolve({ kind: 's3cret' })],
  ['gives a token with a line break', () => Promise.resolve({ kind: 'bearer', token: 's3cret\r\nX: 1' })],
  ['gives half a password', () => Promise.resolve({ kind: 'basic', username: 's3cret' })],
])('a provider that %s is an error without the message of the provider', async (_, credentialFor) => {
  const registry = await serve(() => undefined)
  // What a provider written without types may do.
  const credentials = { credentialFor } as CredentialProvider
  const error: unknown = await clientFor(registry, { credentials })
    .openSession()
    .fetchManifest(APP, '1', signal)
    .catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: 'REGISTRY_CREDENTIALS_INVALID' })
  expect(String(error)).not.toContain('s3cret')
  expect(registry.requests).toEqual([])
})

test('shares what was fetched among calls with the same key, and not with other keys', async () => {
  const registry = await serve(
    ({ headers }) =>
      ({
        status: headers.authorization === undefined ? 401 : undefined,
        headers: { 'www-authenticate': 'Basic realm="x"' },
      }) as Fault,
  )
  const session = clientFor(registry).openSession()
  const view = (key: string): Promise<unknown> =>
    session.withCredentials(fixed('registry.test', BASIC), { key }).fetchManifest(APP, '1', signal)
  await view('a')
  await view('a')
  expect(registry.requests.length).toBe(2)
  await view('b')
  expect(registry.requests.length).toBeGreaterThan(2)
  // Content that only a credential may read is not shown without it.
  await expect(session.fetchManifest(APP, '1', signal)).rejects.toMatchObject({ code: 'REGISTRY_UNAUTHORIZED' })
  expect(session.cost.total).toBe(registry.requests.length)
})
