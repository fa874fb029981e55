import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createResponderFetch, type ResponderFetchOptions } from '@verify-images/registry-fetcher'
import type { Certificate } from '@verify-images/x509'
import { NOW, accessLocation, distributionPoints, makeAnswer, makeList } from '../testing/revocation-world.ts'
import { makeAuthority, parsed } from '../testing/signing-world.ts'
import { createRevocationChecker } from './http-revocation-checker.ts'
import { createMemoryRevocationCache, type RevocationCache } from './revocation-cache.ts'
import type { RevocationAnswer, RevocationChecker } from './revocation-checker.ts'

const issuer = makeAuthority()
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

type Handler = (request: IncomingMessage, response: ServerResponse) => void

interface Responder {
  readonly port: number
  readonly requests: string[]
  readonly connections: () => number
  readonly url: (path: string, host?: string) => string
}

async function serve(handler: Handler): Promise<Responder> {
  const requests: string[] = []
  let connections = 0
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    request.resume().on('end', () => handler(request, response))
  })
  server.on('connection', () => connections++)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  closers.push(() => server.close().closeAllConnections())
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    port,
    requests,
    connections: () => connections,
    url: (path, host = '127.0.0.1') => `http://${host}:${port}${path}`,
  }
}

const send =
  (body: Uint8Array | string): Handler =>
  (_request, response) =>
    void response.end(body)
const good = (): Uint8Array => makeAnswer(issuer, 4711n)
const revoked = (): Uint8Array => makeAnswer(issuer, 4711n, { status: 'revoked' })

function certificateNaming(names: {
  readonly ocsp?: readonly string[]
  readonly lists?: readonly string[]
}): readonly [Certificate, Certificate] {
  const [leaf, root] = parsed(
    ...issuer.signer({
      serialNumber: 4711n,
      extensions: [
        ...(names.ocsp ? [accessLocation(...names.ocsp)] : []),
        ...(names.lists ? [distributionPoints(...names.lists)] : []),
      ],
    }).chain,
  )
  if (!root) throw new Error('no root')
  return [leaf, root]
}

function checkerOver({
  cache,
  ...options
}: ResponderFetchOptions & { readonly cache?: RevocationCache }): RevocationChecker {
  return createRevocationChecker({ fetch: createResponderFetch(options), ...(cache && { cache }) })
}

async function ask(
  names: Parameters<typeof certificateNaming>[0],
  options: Parameters<typeof checkerOver>[0] = {},
): Promise<RevocationAnswer> {
  const [certificate, root] = certificateNaming(names)
  return checkerOver({ allowHosts: ['127.0.0.1'], ...options }).checkRevocation(
    { certificate, issuer: root, now: NOW },
    AbortSignal.timeout(10_000),
  )
}

test('sends OCSP requests with POST', async () => {
  const responder = await serve(send(good()))
  expect(await ask({ ocsp: [responder.url('/ocsp')] })).toEqual({ status: 'good', source: responder.url('/ocsp') })
  expect(responder.requests).toEqual(['POST /ocsp'])
  expect((await ask({ ocsp: [(await serve(send(revoked()))).url('/')] })).status).toBe('revoked')
})

test('fetches the CRL if there is no responder, or no responder knows the status', async () => {
  const lists = await serve(send(makeList(issuer, { revoked: [{ serialNumber: 4711n }] })))
  expect(await ask({ lists: [lists.url('/a.crl')] })).toEqual({ status: 'revoked', source: lists.url('/a.crl') })
  const mute = await serve(send('<html>'))
  expect((await ask({ ocsp: [mute.url('/')], lists: [lists.url('/a.crl')] })).status).toBe('revoked')
  expect((await ask({ ocsp: [mute.url('/')], lists: [(await serve(send(makeList(issuer)))).url('/')] })).status).toBe(
    'good',
  )
  expect((await ask({ ocsp: [mute.url('/')] })).status).toBe('unknown')
})

test('the first responder that knows the status decides, and every CRL is needed', async () => {
  const [mute, yes, no] = await Promise.all([serve(send('x')), serve(send(good())), serve(send(revoked()))])
  expect((await ask({ ocsp: [mute.url('/'), yes.url('/'), no.url('/')] })).status).toBe('good')
  expect(no.requests).toEqual([])
  const list = await serve(send(makeList(issuer)))
  expect((await ask({ lists: [list.url('/1'), list.url('/2')] })).status).toBe('good')
  expect((await ask({ lists: [list.url('/1'), mute.url('/2')] })).status).toBe('unknown')
})

test.each([
  ['another status', (_request, response) => void response.writeHead(500).end(good())],
  ['too much', (_request, response) => void response.end(Buffer.concat([good(), new Uint8Array(65_536)]))],
  [
    'too much without saying so',
    (_request, response) => {
      response.write(new Uint8Array(65_537))
      response.end()
    },
  ],
  [
    'another encoding',
    (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(good()),
  ],
  [
    'half of it',
    (_request, response) => {
      response.writeHead(200, { 'content-length': good().length })
      response.write(good().subarray(0, 9))
      response.destroy()
    },
  ],
  ['nothing', (_request, response) => void response.destroy()],
  ['never', () => undefined],
  ['never the rest', (_request, response) => void response.write('x')],
] satisfies [string, Handler][])('the status is unknown if a responder answers %s', async (_what, handler) => {
  const responder = await serve(handler)
  expect((await ask({ ocsp: [responder.url('/')] }, { timeoutMs: 200 })).status).toBe('unknown')
})

const redirect =
  (location: string): Handler =>
  (_request, response) =>
    void response.writeHead(302, { location }).end()
test('stops reading a response that is too large', async () => {
  const endless: Handler = (_request, response) => {
    const write = (): void => {
      while (!response.destroyed && response.write(new Uint8Array(65_536)));
    }
    response.on('drain', write)
    write()
  }
  const start = performance.now()
  expect((await ask({ ocsp: [(await serve(endless)).url('/')] }, { timeoutMs: 10_000 })).status).toBe('unknown')
  expect(performance.now() - start).toBeLessThan(3000)
})

test('follows redirects of CRLs only', async () => {
  const lists = await serve((request, response) =>
    request.url === '/old' ? redirect('/new')(request, response) : void response.end(makeList(issuer)),
  )
  expect((await ask({ lists: [lists.url('/old')] })).status).toBe('good')
  const turns = await serve(redirect('/'))
  expect((await ask({ lists: [turns.url('/')] })).status).toBe('unknown')
  expect(turns.requests).toHaveLength(4)
  const other = await serve(() => undefined)
  expect((await ask({ lists: [(await serve(redirect(`https://127.0.0.1:${other.port}/`))).url('/')] })).status).toBe(
    'unknown',
  )
  expect(other.connections()).toBe(0)
  for (const target of ['file:///etc/passwd', 'ftp://127.0.0.1/', '']) {
    expect((await ask({ lists: [(await serve(redirect(target))).url('/')] })).status).toBe('unknown')
  }
  const answers = await serve((request, response) =>
    request.url === '/old' ? redirect('/new')(request, response) : void response.end(good()),
  )
  expect((await ask({ ocsp: [answers.url('/old')] })).status).toBe('unknown')
  expect(answers.requests).toEqual(['POST /old'])
})

test('connects to no address inside the network unless its host is allowed by name', async () => {
  const inside = await serve(send(good()))
  const resolve = async (): Promise<readonly { address: string; family: number }[]> => [
    { address: '127.0.0.1', family: 4 },
  ]
  const names = { ocsp: [inside.url('/', 'ocsp.example.com')] }
  expect((await ask(names, { resolve, allowHosts: [`ocsp.example.com:${inside.port}`] })).status).toBe('good')
  expect(inside.requests).toHaveLength(1)
  expect((await ask(names, { resolve, allowHosts: [] })).status).toBe('unknown')
  expect((await ask(names, { resolve, allowHosts: ['example.com'] })).status).toBe('unknown')
  for (const host of ['127.0.0.1', '2130706433', '0x7f.1', 'localhost', '[::ffff:127.0.0.1]']) {
    expect((await ask({ ocsp: [inside.url('/', host)] }, { allowHosts: [] })).status).toBe('unknown')
  }
  const mixed = async (): Promise<readonly { address: string; family: number }[]> => [
    { address: '8.8.8.8', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ]
  expect((await ask(names, { resolve: mixed, allowHosts: [] })).status).toBe('unknown')
  expect(inside.requests).toHaveLength(1)
})

test('checks the address of every redirect', async () => {
  const inside = await serve(send(makeList(issuer)))
  const outside = await serve(redirect(inside.url('/', 'localhost')))
  expect((await ask({ lists: [outside.url('/')] }, { allowHosts: ['127.0.0.1'] })).status).toBe('unknown')
  expect(inside.requests).toEqual([])
  expect((await ask({ lists: [outside.url('/')] }, { allowHosts: ['127.0.0.1', 'localhost'] })).status).toBe('good')
})

test.each([
  'ldap://127.0.0.1/x',
  'file:///etc/passwd',
  'http://user:pass@127.0.0.1/',
  'not a url',
  `http://127.0.0.1/${'x'.repeat(3000)}`,
])('sends no request to %s', async (url) => {
  expect((await ask({ lists: [url] })).status).toBe('unknown')
})

test('caches responses while they are valid', async () => {
  const responder = await serve(send(good()))
  const checker = checkerOver({ allowHosts: ['127.0.0.1'] })
  const [certificate, root] = certificateNaming({ ocsp: [responder.url('/')] })
  const askAt = (now: string): Promise<RevocationAnswer> =>
    checker.checkRevocation({ certificate, issuer: root, now: new Date(now) }, AbortSignal.timeout(5000))
  for (const now of ['2026-06-01T00:00:00Z', '2026-06-01T12:00:00Z']) expect((await askAt(now)).status).toBe('good')
  expect(responder.requests).toHaveLength(1)
  expect((await askAt('2026-06-03T00:00:00Z')).status).toBe('unknown')
  expect(responder.requests).toHaveLength(2)
})

test.each([
  ['fails', { get: () => Promise.reject(new Error('dead')), set: () => Promise.reject(new Error('dead')) }],
  [
    'fails at once',
    {
      get: () => {
        throw new Error('dead')
      },
      set: () => {
        throw new Error('dead')
      },
    },
  ],
  ['never answers', { get: () => new Promise<never>(() => undefined), set: () => new Promise<never>(() => undefined) }],
  ['lies', { get: () => Promise.resolve(makeAnswer(makeAuthority(), 4711n)), set: () => Promise.resolve() }],
  ['answers nonsense', { get: () => Promise.resolve('good' as never), set: () => Promise.resolve() }],
])('a cache that %s does not change the status', async (_what, cache) => {
  expect((await ask({ ocsp: [(await serve(send(good()))).url('/')] }, { cache })).status).toBe('good')
  expect((await ask({ ocsp: [(await serve(send(revoked()))).url('/')] }, { cache })).status).toBe('revoked')
  expect((await ask({ ocsp: [(await serve(send('x'))).url('/')] }, { cache })).status).toBe('unknown')
})

test('the cache in memory is limited and drops the least recently used', async () => {
  const cache = createMemoryRevocationCache({ maxBytes: 30 })
  for (const key of ['a', 'b', 'c']) await cache.set(key, new Uint8Array(10))
  await cache.get('a')
  await cache.set('d', new Uint8Array(10))
  expect(await Promise.all(['a', 'b', 'c', 'd'].map(async (key) => (await cache.get(key)) !== undefined))).toEqual([
    true,
    false,
    true,
    true,
  ])
  await cache.set('e', new Uint8Array(31))
  expect(await cache.get('e')).toBeUndefined()
})

test('an aborted signal ends the verification with its reason, and bad options are refused', async () => {
  const responder = await serve(() => undefined)
  const [certificate, root] = certificateNaming({ ocsp: [responder.url('/')] })
  const abort = new AbortController()
  const asked = checkerOver({ allowHosts: ['127.0.0.1'] }).checkRevocation(
    { certificate, issuer: root, now: NOW },
    abort.signal,
  )
  setTimeout(() => abort.abort(new Error('enough')), 50)
  await expect(asked).rejects.toThrow('enough')
  expect(() => checkerOver({ timeoutMs: 0 })).toThrow(expect.objectContaining({ code: 'REGISTRY_OPTIONS_INVALID' }))
})
