import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createTlsCertificate } from '@verify-images/testing'
import { afterEach, expect, test } from 'vitest'
import { callService } from './service-call.ts'

const tls = createTlsCertificate({ host: '127.0.0.1' })
const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(tls, listener)
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return `https://127.0.0.1:${String(port)}/check`
}

const call = (url: string, more: object = {}, signal = new AbortController().signal): Promise<unknown> =>
  callService({ target: 'service', method: 'GET', url, headers: {}, caBundle: tls.cert, ...more }, signal)

test('sends what the policy says, and nothing of the webhook', async () => {
  const seen: unknown[] = []
  const url = await serve((request, response) => {
    let body = ''
    request.on('data', (chunk) => void (body += String(chunk)))
    request.on('end', () => {
      seen.push([request.method, request.headers['authorization'], request.headers['x-team'], body])
      response.end('{"allowed":true}')
    })
  })
  expect(await call(url, { method: 'POST', headers: { 'x-team': 'a' }, data: { image: 'app' } })).toEqual({
    allowed: true,
  })
  expect(seen).toEqual([['POST', undefined, 'a', '{"image":"app"}']])
})

test.each<[string, RequestListener, string]>([
  ['an error', (_, response) => response.writeHead(500).end('secret'), 'KUBERNETES_REQUEST_FAILED'],
  [
    'a redirect',
    (_, response) => response.writeHead(302, { location: 'https://127.0.0.1/' }).end(),
    'KUBERNETES_REQUEST_FAILED',
  ],
  ['something other than JSON', (_, response) => response.end('<html>'), 'KUBERNETES_ANSWER_INVALID'],
  ['too much', (_, response) => response.end('1'.repeat(3 * 1024 * 1024)), 'KUBERNETES_ANSWER_INVALID'],
])('fails on %s, and does not repeat it', async (_, listener, code) => {
  const error: unknown = await call(await serve(listener)).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code, message: expect.not.stringContaining('secret') })
})

test('trusts only the bundle that the policy states', async () => {
  const url = await serve((_, response) => response.end('1'))
  expect(await call(url)).toBe(1)
  await expect(call(url, { caBundle: createTlsCertificate({ host: '127.0.0.1' }).cert })).rejects.toMatchObject({
    code: 'KUBERNETES_REQUEST_FAILED',
    message: expect.stringContaining('the service cannot be reached'),
  })
})

test('ends with the evaluation', async () => {
  const aborted = new AbortController()
  const url = await serve(() => aborted.abort(new Error('deadline')))
  await expect(call(url, {}, aborted.signal)).rejects.toThrow('deadline')
})
