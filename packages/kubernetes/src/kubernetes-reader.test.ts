import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createTlsCertificate } from '@verify-images/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { kubernetesReader, type ClusterReader, type ReaderPermissions } from './kubernetes-reader.ts'
import { sendStatus, startLoopbackApiServer, type LoopbackApiServer } from './testing/loopback-api-server.ts'

const { signal } = new AbortController()
const NAMESPACES = '/api/v1/namespaces'
const BINDINGS = '/apis/rbac.authorization.k8s.io/v1/rolebindings'

let server: LoopbackApiServer
const readers: ClusterReader[] = []
beforeEach(async () => {
  server = await startLoopbackApiServer()
})
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close()
  await server.close()
})

function open(permissions: ReaderPermissions = {}): ClusterReader {
  const reader = kubernetesReader({ config: server.config, ...permissions })
  readers.push(reader)
  return reader
}

const object = (name: string, namespace?: string): { metadata: { name: string; namespace?: string } } => ({
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
})

test('asks the API server for nothing until a rule needs something, and is ready', async () => {
  const reader = open()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect([server.requests, reader.readiness()]).toEqual([[], { ready: true }])
})

test('reads a ConfigMap and a Secret of a namespace', async () => {
  server.put('/api/v1/configmaps', object('allowed', 'team'))
  server.put('/api/v1/secrets', object('pull', 'team'))
  const reader = open()
  expect(await reader.read('ConfigMap', 'team', 'allowed', signal)).toMatchObject(object('allowed', 'team'))
  expect(await reader.read('Secret', 'team', 'pull', signal)).toMatchObject(object('pull', 'team'))
  expect(await reader.read('Secret', 'team', 'other', signal)).toBeUndefined()
})

test('treats a Secret outside of `secrets` as missing without a request for it', async () => {
  server.put('/api/v1/secrets', object('pull', 'team'))
  const allowed = open({ secrets: ['team/pull'] })
  expect(await allowed.read('Secret', 'team', 'pull', signal)).toBeDefined()
  const before = server.requests.length
  const refusing = open({ secrets: ['team/other', 'elsewhere/pull'] })
  expect(await refusing.read('Secret', 'team', 'pull', signal)).toBeUndefined()
  expect(await refusing.read('Secret', undefined, 'pull', signal)).toBeUndefined()
  expect(server.requests).toHaveLength(before)
})

test('escapes names, so that none reaches another path', async () => {
  await open().read('ConfigMap', 'a/../b', '../secrets/x?watch=1', signal)
  expect(server.requests).toEqual(['GET /api/v1/namespaces/a%2F..%2Fb/configmaps/..%2Fsecrets%2Fx%3Fwatch%3D1'])
})

test('answers a namespace from the watched list, and reads one that the watch has not reported', async () => {
  server.put(NAMESPACES, object('default'))
  const reader = open()
  expect(await reader.read('Namespace', undefined, 'default', signal)).toMatchObject(object('default'))
  expect(server.requests).not.toContain(`GET ${NAMESPACES}/default`)
  expect(await reader.read('Namespace', undefined, 'new', signal)).toBeUndefined()
  expect(server.requests).toContain(`GET ${NAMESPACES}/new`)
})

test('lists role bindings from one watch, however often they are asked for', async () => {
  server.put(BINDINGS, object('admins', 'team'))
  const reader = open()
  const asked = await Promise.all([reader.list('RoleBinding', signal), reader.list('RoleBinding', signal)])
  for (const found of [...asked, await reader.list('RoleBinding', signal)])
    expect(found).toMatchObject([object('admins', 'team')])
  expect(server.requests.filter((each) => each === `GET ${BINDINGS}`)).toHaveLength(1)
})

test('is not ready, and says why, while a list that a rule asked for is refused', async () => {
  server.intercept = (_, response) => {
    sendStatus(response, 403, 'rolebindings is forbidden')
    return true
  }
  const reader = open()
  await expect(reader.list('RoleBinding', signal)).rejects.toMatchObject({ code: 'KUBERNETES_STALE' })
  expect(reader.readiness()).toEqual({ ready: false, message: `${BINDINGS}: rolebindings is forbidden` })
  server.intercept = undefined
  await expect.poll(() => reader.readiness(), { timeout: 5_000 }).toEqual({ ready: true })
})

test('is not ready before the first list has been answered', async () => {
  server.intercept = () => true
  const reader = open()
  await expect(reader.list('RoleBinding', AbortSignal.timeout(30))).rejects.toThrow('timeout')
  expect(reader.readiness()).toEqual({ ready: false, message: `${BINDINGS}: not listed yet` })
})

test('calls the API server only with a method and at a path of `apiCalls`', async () => {
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
  const reader = open({ apiCalls: [`POST ${path}`] })
  const data = { spec: { user: 'alice' } }
  expect(await reader.call({ target: 'kubernetes', method: 'POST', path, data }, signal)).toEqual(data)
  const before = server.requests.length
  for (const refused of [
    { target: 'kubernetes', method: 'GET', path } as const,
    { target: 'kubernetes', method: 'GET', path: '/api/v1/secrets' } as const,
  ])
    await expect(reader.call(refused, signal)).rejects.toMatchObject({
      code: 'KUBERNETES_CALL_REFUSED',
      message: 'the path is not listed in `apiCalls`',
    })
  expect(server.requests).toHaveLength(before)
})

test('calls only the services of `services`', async () => {
  const tls = createTlsCertificate({ host: '127.0.0.1' })
  const seen: (string | undefined)[] = []
  const service: Server = createServer(tls, ({ url }, response) => {
    seen.push(url)
    response.end('{"ok":true}')
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const base = `https://127.0.0.1:${String((service.address() as AddressInfo).port)}`
  const reader = open({ services: [`${base}/v1/`] })
  const call = (path: string): Promise<unknown> =>
    reader.call({ target: 'service', method: 'GET', url: `${base}${path}`, headers: {}, caBundle: tls.cert }, signal)
  expect(await call('/v1/check')).toEqual({ ok: true })
  await expect(call('/v2/check')).rejects.toMatchObject({ code: 'KUBERNETES_CALL_REFUSED' })
  expect(seen).toEqual(['/v1/check'])
  service.closeAllConnections()
  service.close()
})

test.each([
  {},
  { config: {} },
  { config: 'x' },
  { secrets: ['pull'] },
  { apiCalls: ['/api/%2e'] },
  { services: ['http://scanner.svc/'] },
  { sercets: [] },
])('refuses the options %j', (options) => {
  const config = 'config' in options || Object.keys(options).length === 0 ? {} : { config: server.config }
  expect(() => kubernetesReader({ ...config, ...options } as never)).toThrow(
    expect.objectContaining({ code: 'KUBERNETES_OPTIONS_INVALID' }),
  )
})
