import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { serviceAccountCredentials } from './cluster-pull-secrets.ts'
import { sendStatus, startLoopbackApiServer, type LoopbackApiServer } from './testing/loopback-api-server.ts'

const { signal } = new AbortController()
const repository = 'registry.test/team/app'
const ACCOUNT = 'GET /api/v1/namespaces/verify/serviceaccounts/webhook'

let server: LoopbackApiServer
beforeEach(async () => {
  server = await startLoopbackApiServer()
})
afterEach(async () => {
  vi.useRealTimers()
  await server.close()
})

const credentials = (): ReturnType<typeof serviceAccountCredentials> =>
  serviceAccountCredentials({ config: server.config, namespace: 'verify', name: 'webhook' })

function putAccount(imagePullSecrets: unknown): void {
  const metadata = { name: 'webhook', namespace: 'verify' }
  server.put('/api/v1/serviceaccounts', { metadata, imagePullSecrets } as never)
}

function putSecret(name: string, password: string): void {
  const config = { auths: { 'registry.test': { username: 'reader', password } } }
  const data = { '.dockerconfigjson': Buffer.from(JSON.stringify(config)).toString('base64') }
  const type = 'kubernetes.io/dockerconfigjson'
  server.put('/api/v1/secrets', { metadata: { name, namespace: 'verify' }, type, data } as never)
}

test('returns the credential of a pull secret of the service account, and skips one that does not exist', async () => {
  putAccount([{ name: 'gone' }, { name: 'pull' }, {}, 'x'])
  putSecret('pull', 'first')
  expect(await credentials().credentialFor(repository, signal)).toMatchObject({ username: 'reader', password: 'first' })
})

test.each([[[]], [undefined], ['pull']])('is anonymous with the pull secrets %j', async (secrets) => {
  putAccount(secrets)
  putSecret('pull', 'first')
  expect(await credentials().credentialFor(repository, signal)).toEqual({ kind: 'anonymous' })
})

test('reads the Secrets again after a minute, and not before', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  putAccount([{ name: 'pull' }])
  putSecret('pull', 'first')
  const provider = credentials()
  expect(await provider.credentialFor(repository, signal)).toMatchObject({ password: 'first' })
  putSecret('pull', 'second')
  vi.advanceTimersByTime(59_999)
  expect(await provider.credentialFor(repository, signal)).toMatchObject({ password: 'first' })
  vi.advanceTimersByTime(1)
  expect(await provider.credentialFor(repository, signal)).toMatchObject({ password: 'second' })
})

test('fails when the service account does not exist, and does not keep the failure', async () => {
  const provider = credentials()
  await expect(provider.credentialFor(repository, signal)).rejects.toMatchObject({
    code: 'KUBERNETES_REQUEST_FAILED',
    message: 'service account verify/webhook does not exist',
  })
  putAccount([{ name: 'pull' }])
  putSecret('pull', 'first')
  expect(await provider.credentialFor(repository, signal)).toMatchObject({ password: 'first' })
})

test('fails when a pull secret may not be read: without it another credential would be sent', async () => {
  putAccount([{ name: 'pull' }])
  server.intercept = ({ url }, response) => {
    if (url?.includes('/secrets/') !== true) return false
    sendStatus(response, 403, 'secrets "pull" is forbidden')
    return true
  }
  await expect(credentials().credentialFor(repository, signal)).rejects.toMatchObject({
    status: 403,
    message: 'secrets "pull" is forbidden',
  })
})

test('ends the wait of one caller without ending the request that others wait for', async () => {
  putAccount([{ name: 'pull' }])
  putSecret('pull', 'first')
  let answer = (): void => undefined
  const asked = new Promise<void>((resolve) => {
    server.intercept = (_, response) => {
      if (server.requests.length > 1) return false
      answer = () => sendStatus(response, 404, 'not found')
      resolve()
      return true
    }
  })
  const provider = credentials()
  const caller = new AbortController()
  const first = provider.credentialFor(repository, caller.signal)
  const second = provider.credentialFor(repository, signal)
  await asked
  caller.abort(new Error('deadline'))
  await expect(first).rejects.toThrow('deadline')
  answer()
  await expect(second).rejects.toThrow('does not exist')
  expect(server.requests).toEqual([ACCOUNT])
})

test.each([{}, { config: {} }, { namespace: '' }, { name: '' }, { nmae: 'x' }])('refuses the options %j', (options) => {
  const valid = Object.keys(options).length === 0 ? {} : { config: server.config, namespace: 'verify', name: 'webhook' }
  expect(() => serviceAccountCredentials({ ...valid, ...options } as never)).toThrow(
    expect.objectContaining({ code: 'KUBERNETES_OPTIONS_INVALID' }),
  )
})
