import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { aPositiveInteger, aString, isObject, type OptionKind, messageOf } from '@verify-images/primitives'
import { createWebhookHandler, type WebhookHandler } from './handler.ts'
import { DRAIN_MS, TLS_RELOAD_MS } from './limits.ts'
import { silentLogger } from './logger.ts'
import { checkOptions, WebhookError } from './webhook-error.ts'
import type { WebhookOptions } from './webhook-options.ts'

/**
 * Key and certificate in PEM, or the folder of a mounted Secret of type `kubernetes.io/tls`, which is read again when
 * it changes.
 */
export type WebhookTls =
  { readonly folder: string; readonly reloadMs?: number } | { readonly key: string; readonly cert: string }

export interface WebhookServerOptions extends WebhookOptions {
  readonly tls: WebhookTls
}

/** An HTTPS server for an admission webhook. */
export interface WebhookServer {
  /** Starts listening, and resolves with the port. */
  readonly listen: (port: number, host?: string) => Promise<number>
  /** Refuses new connections, and resolves when all open requests are answered or ten seconds have passed. */
  readonly close: () => Promise<void>
  readonly handler: WebhookHandler
}

const aTls: OptionKind = {
  expected: '`{ folder }`, or `{ key, cert }` in PEM',
  fits: (value) =>
    isObject(value) &&
    (aString.fits(value['folder']) || (aString.fits(value['key']) && aString.fits(value['cert']))) &&
    (value['reloadMs'] === undefined || aPositiveInteger.fits(value['reloadMs'])),
}

interface KeyPair {
  readonly key: string
  readonly cert: string
}

/**
 * Creates the HTTPS server of an admission webhook: `/mutate`, `/validate`, `/healthz`, `/readyz` and `/metrics`.
 *
 * @throws WebhookError WEBHOOK_OPTIONS_INVALID; `listen` rejects with WEBHOOK_TLS_INVALID if the certificate cannot
 *   be used
 * @example
 * const server = createWebhookServer({ verifier, tls: { folder: '/etc/webhook/tls' } })
 * await server.listen(8443)
 */
export function createWebhookServer({ tls, ...options }: WebhookServerOptions): WebhookServer {
  const handler = createWebhookHandler(options)
  const { logger = silentLogger } = options
  checkOptions({ tls }, { tls: aTls }, { required: ['tls'] })
  const server = createServer(
    { minVersion: 'TLSv1.2', headersTimeout: 5_000, requestTimeout: 30_000 },
    (request, answer) => {
      begun++
      answer.once('close', () => {
        begun--
        if (begun === 0) allAnswered?.()
      })
      respond(handler, request, answer, () => closing).catch((error: unknown) =>
        logger.warn({ error: messageOf(error) }, 'the answer could not be sent'),
      )
    },
  )
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  let begun = 0
  let closing = false
  let allAnswered: (() => void) | undefined
  let timer: NodeJS.Timeout | undefined
  let current: KeyPair | undefined

  async function loadCertificate(): Promise<void> {
    const pair = 'folder' in tls ? await readFolder(tls.folder) : tls
    if (pair.key === current?.key && pair.cert === current.cert) return
    const { validTo } = usable(pair)
    server.setSecureContext({ ...pair, minVersion: 'TLSv1.2' })
    current = pair
    handler.metrics.certificateExpires(new Date(validTo).getTime() / 1000)
    logger.info({ validTo }, 'certificate loaded')
  }

  return {
    handler,
    listen: async (port, host) => {
      await loadCertificate()
      if ('folder' in tls) timer = setInterval(reload, tls.reloadMs ?? TLS_RELOAD_MS).unref()
      await listening(server, port, host)
      const address = server.address()
      return typeof address === 'object' && address !== null ? address.port : port
    },
    close: async () => {
      closing = true
      clearInterval(timer)
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      if (begun > 0) await answered()
      // An API server also holds connections that it has not used yet, and closeIdleConnections leaves those open.
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }

  /** Resolves when all open requests are answered, or after the time for them. */
  function answered(): Promise<void> {
    return new Promise((resolve) => {
      const last = setTimeout(resolve, DRAIN_MS).unref()
      allAnswered = () => {
        clearTimeout(last)
        resolve()
      }
    })
  }

  /** Keeps the current pair in use while the new one is broken or only half written. */
  function reload(): void {
    loadCertificate().catch((error: unknown) => logger.error({ error: messageOf(error) }, 'certificate not reloaded'))
  }
}

async function readFolder(folder: string): Promise<KeyPair> {
  try {
    const [cert, key] = await Promise.all([
      readFile(join(folder, 'tls.crt'), 'utf8'),
      readFile(join(folder, 'tls.key'), 'utf8'),
    ])
    return { cert, key }
  } catch (cause) {
    const message = messageOf(cause)
    throw new WebhookError('WEBHOOK_TLS_INVALID', `cannot read the certificate: ${message}`, { cause })
  }
}

function usable({ key, cert }: KeyPair): X509Certificate {
  try {
    const certificate = new X509Certificate(cert)
    if (certificate.checkPrivateKey(createPrivateKey(key))) return certificate
  } catch (cause) {
    throw new WebhookError('WEBHOOK_TLS_INVALID', 'expected a certificate and a key in PEM', { cause })
  }
  throw new WebhookError('WEBHOOK_TLS_INVALID', 'the key does not belong to the certificate')
}

function listening(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Connects `node:http` with the handler. The signal of the request is aborted when the client is gone. */
async function respond(
  handler: WebhookHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  isClosing: () => boolean,
): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const method = incoming.method ?? 'GET'
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const request = new Request(new URL(incoming.url ?? '/', 'https://webhook'), {
    method,
    signal: gone.signal,
    ...(hasBody ? { body: Readable.toWeb(incoming), duplex: 'half' } : {}),
  })
  const response = await handler.handle(request)
  // A client that keeps its connection would go on sending reviews to a server that ends.
  if (isClosing()) outgoing.setHeader('connection', 'close')
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null) outgoing.end()
  else await pipeline(Readable.fromWeb(response.body), outgoing)
}
