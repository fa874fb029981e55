import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import type { ImageVerifier } from '@verify-images/core'
import { createTlsCertificate } from '@verify-images/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createWebhookServer, type WebhookServer, type WebhookServerOptions } from './server.ts'
import { createWebhookWorld, reviewOf, type WebhookWorld } from './testing/webhook-world.ts'

let webhook: WebhookWorld
beforeAll(async () => {
  webhook = await createWebhookWorld()
})
afterAll(() => webhook.world.close())

const open: WebhookServer[] = []
const folders: string[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

const certificate = (): { readonly key: string; readonly cert: string } => createTlsCertificate({ host: '127.0.0.1' })

async function start(
  options: Partial<WebhookServerOptions> = {},
): Promise<{ readonly server: WebhookServer; readonly port: number }> {
  const server = createWebhookServer({ verifier: webhook.verifier(), tls: certificate(), ...options })
  open.push(server)
  return { server, port: await server.listen(0, '127.0.0.1') }
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly connection: string | undefined
}

/** One request over TLS that trusts only this certificate; without an agent, on a connection of its own. */
function ask(port: number, ca: string, path: string, body?: object, agent: Agent = new Agent()): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, ca, method: body === undefined ? 'GET' : 'POST', agent },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks).toString(),
            connection: response.headers.connection,
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

async function folderWith(pair: { readonly key: string; readonly cert: string }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'webhook-'))
  folders.push(folder)
  await put(folder, pair)
  return folder
}
const put = async (folder: string, { key, cert }: { readonly key: string; readonly cert: string }): Promise<void> => {
  await writeFile(join(folder, 'tls.crt'), cert)
  await writeFile(join(folder, 'tls.key'), key)
}

test('answers reviews over TLS', async () => {
  const tls = certificate()
  const { port } = await start({ tls })
  expect(await ask(port, tls.cert, '/readyz')).toMatchObject({ status: 200, body: 'ok\n' })
  const { status, body } = await ask(port, tls.cert, '/mutate?timeout=10s', reviewOf(webhook.signed))
  expect([status, JSON.parse(body).response.allowed]).toEqual([200, true])
  const denied = await ask(port, tls.cert, '/mutate?timeout=10s', reviewOf(webhook.unsigned))
  expect(JSON.parse(denied.body).response).toMatchObject({ allowed: false, status: { code: 403 } })
})

test('a renewed certificate is served without a restart, and a broken one is not', async () => {
  const [first, second] = [certificate(), certificate()]
  const folder = await folderWith(first)
  const errors: string[] = []
  const ignore = (): void => undefined
  const { port } = await start({
    tls: { folder, reloadMs: 20 },
    logger: { info: ignore, warn: ignore, error: (fields) => errors.push(String(fields['error'])) },
  })
  expect((await ask(port, first.cert, '/healthz')).status).toBe(200)

  await writeFile(join(folder, 'tls.crt'), second.cert)
  await expect.poll(() => errors).toContain('the key does not belong to the certificate')
  expect((await ask(port, first.cert, '/healthz')).status).toBe(200)

  await writeFile(join(folder, 'tls.key'), second.key)
  await expect.poll(async () => (await ask(port, second.cert, '/healthz').catch(() => undefined))?.status).toBe(200)
  await expect(ask(port, first.cert, '/healthz')).rejects.toThrow()
})

test.each<[string, (folder: string) => Promise<void>, string]>([
  ['is missing', (folder) => rm(join(folder, 'tls.key')), 'cannot read the certificate: ENOENT'],
  ['is not PEM', (folder) => writeFile(join(folder, 'tls.crt'), 'x'), 'expected a certificate and a key in PEM'],
  ['has another key', (folder) => writeFile(join(folder, 'tls.key'), certificate().key), 'the key does not belong'],
])('does not start when the certificate %s', async (_, spoil, message) => {
  const folder = await folderWith(certificate())
  await spoil(folder)
  const server = createWebhookServer({ verifier: webhook.verifier(), tls: { folder } })
  await expect(server.listen(0, '127.0.0.1')).rejects.toMatchObject({
    code: 'WEBHOOK_TLS_INVALID',
    message: expect.stringContaining(message),
  })
})

test('closing answers what has begun, ends its connections, and takes nothing new', async () => {
  const tls = certificate()
  const agent = new Agent({ keepAlive: true })
  const { promise, resolve } = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const real = webhook.verifier()
  const verifier: ImageVerifier = {
    ...real,
    review: async (...args) => {
      begun.resolve()
      await promise
      return real.review(...args)
    },
  }
  const { server, port } = await start({ tls, verifier })
  expect((await ask(port, tls.cert, '/healthz', undefined, agent)).connection).toBe('keep-alive')
  const pending = ask(port, tls.cert, '/mutate', reviewOf(webhook.signed), agent)
  await begun.promise
  const closed = server.close()
  await expect(ask(port, tls.cert, '/healthz')).rejects.toThrow()
  resolve()
  const { body, connection } = await pending
  expect(JSON.parse(body).response.allowed).toBe(true)
  // Otherwise the client would send its next review on the same connection, which is about to be cut.
  expect(connection).toBe('close')
  await closed
})

test('closing does not wait for connections that are idle, or were never used', async () => {
  const tls = certificate()
  const { server, port } = await start({ tls })
  const agent = new Agent({ keepAlive: true })
  await new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/healthz', ca: tls.cert, agent }, (response) => {
      response.resume()
      response.on('end', resolve)
    })
    sent.on('error', reject)
    sent.end()
  })
  const unused = [connect(port, '127.0.0.1'), connectTls({ host: '127.0.0.1', port, ca: tls.cert })]
  for (const [i, socket] of unused.entries()) {
    socket.on('error', () => undefined)
    await once(socket, i === 0 ? 'connect' : 'secureConnect')
  }
  const started = performance.now()
  await server.close()
  expect(performance.now() - started).toBeLessThan(5_000)
  agent.destroy()
})

test('a client that hangs up ends its review', async () => {
  const tls = certificate()
  const begun = Promise.withResolvers<void>()
  const aborted = Promise.withResolvers<void>()
  const real = webhook.verifier()
  const verifier: ImageVerifier = {
    ...real,
    review: (_, options) => {
      options?.signal?.addEventListener('abort', () => aborted.resolve())
      begun.resolve()
      return new Promise(() => undefined)
    },
  }
  const { port } = await start({ tls, verifier })
  const sent = request({ host: '127.0.0.1', port, path: '/mutate', ca: tls.cert, method: 'POST', agent: new Agent() })
  sent.on('error', () => undefined)
  sent.end(JSON.stringify(reviewOf(webhook.signed)))
  await begun.promise
  sent.destroy()
  await aborted.promise
})

test('a port in use is an error of `listen`', async () => {
  const { port } = await start()
  await expect(
    createWebhookServer({ verifier: webhook.verifier(), tls: certificate() }).listen(port, '127.0.0.1'),
  ).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})

test.each([[{}], [{ key: 'x' }], [{ folder: 'x', reloadMs: 0 }], [null]])('refuses %j for `tls`', (tls) => {
  expect(() => createWebhookServer({ verifier: webhook.verifier(), tls: tls as never })).toThrow(
    expect.objectContaining({ code: 'WEBHOOK_OPTIONS_INVALID' }),
  )
})
