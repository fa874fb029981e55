import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { getCACertificates } from 'node:tls'
import { checkLiteralAddress, guardedLookup } from './address.ts'
import type { ResolveAddresses } from './address.ts'
import { createConnectionQueue } from './connection-queue.ts'
import { watchExchange } from './exchange-watch.ts'
import type { ExchangeWatch } from './exchange-watch.ts'
import { MAX_FRAMING_BYTES } from './limits.ts'
import type { ProxyFinder } from './proxy.ts'
import { RegistryError } from './registry-error.ts'
import { NOT_HTTP, TransportFault } from './transport.ts'
import type { Transport, TransportAnswer, TransportRequest } from './transport.ts'

export interface NodeTransport extends Transport {
  /** Closes idle connections. */
  close(): void
}

export interface NodeTransportOptions {
  /** Default: the system's resolver. */
  readonly resolve?: ResolveAddresses | undefined
  /** Default: true. */
  readonly keepAlive?: boolean
  /** PEM certificates that are trusted beside Node's. */
  readonly certificateAuthority?: string | undefined
  readonly proxyFor?: ProxyFinder | undefined
}

/**
 * Sends requests with `node:http`, which neither follows redirects nor decodes bodies, and lets us check the address
 * before connecting. `fetch` can do none of that.
 *
 * Behind a proxy the address of a name is not visible. Literal addresses are checked all the same, and a name that only
 * a server chose is refused.
 *
 * There is one pool of connections per reach: a connection to a private host that the options name is not reused for a
 * redirect. And one for connections whose certificate may have any name, which not every version of Node distinguishes.
 */
export function createNodeTransport(
  connectionsPerHost: number,
  { resolve, keepAlive = true, certificateAuthority, proxyFor = () => undefined }: NodeTransportOptions = {},
): NodeTransport {
  const queue = createConnectionQueue(connectionsPerHost)
  const agents = new Map<string, HttpAgent | HttpsAgent>()

  function agentFor(
    { url: { protocol }, reach, acceptAnyName = false }: TransportRequest,
    proxy: URL | undefined,
  ): HttpAgent | HttpsAgent {
    const key = `${protocol} ${reach} ${String(acceptAnyName)} ${proxy?.href ?? ''}`
    const known = agents.get(key)
    if (known) return known
    const options = {
      keepAlive,
      maxSockets: connectionsPerHost,
      maxFreeSockets: 4,
      ...(proxy && { proxyEnv: { HTTP_PROXY: proxy.href, HTTPS_PROXY: proxy.href } }),
    }
    const names = acceptAnyName ? { checkServerIdentity: () => undefined } : {}
    const agent = protocol === 'https:' ? new HttpsAgent({ ...options, ...names }) : new HttpAgent(options)
    agents.set(key, agent)
    return agent
  }

  /** Node's authorities and the given one, read once. */
  const trusted = certificateAuthority === undefined ? undefined : [...getCACertificates(), certificateAuthority]

  function start(request: TransportRequest, proxy: URL | undefined): ClientRequest {
    const send = request.url.protocol === 'https:' ? httpsRequest : httpRequest
    return send({
      agent: agentFor(request, proxy),
      protocol: request.url.protocol,
      hostname: request.url.hostname.replace(/^\[|\]$/g, ''),
      port: request.url.port,
      path: request.url.pathname + request.url.search,
      method: request.method,
      headers: { ...request.headers },
      // The address of a proxy is the embedder's choice, and the proxy resolves the name.
      ...(proxy === undefined && { lookup: guardedLookup(request.reach, resolve) }),
      ca: request.certificateAuthority ?? trusted,
      ...(request.clientCertificate && {
        cert: request.clientCertificate.certificate,
        key: request.clientCertificate.key,
      }),
    })
  }

  return {
    async send(request: TransportRequest): Promise<TransportAnswer> {
      checkLiteralAddress(request.url.hostname, request.reach)
      const proxy = proxyFor(request.url)
      if (proxy !== undefined && request.isNamed !== true) throw unseenAddress(request.url.host)
      const release = await queue.acquire(request.url.host, request.repository, request.signal)
      try {
        return await exchange(start(request, proxy), request, release)
      } catch (error) {
        release()
        throw behindProxy(error, proxy)
      }
    },
    close(): void {
      for (const agent of agents.values()) agent.destroy()
      agents.clear()
    },
  }
}

/** Adds the proxy to a fault, so that what the proxy did is not said of the host. */
function behindProxy(error: unknown, proxy: URL | undefined): unknown {
  if (proxy === undefined || !(error instanceof TransportFault)) return error
  return new TransportFault(error.stage, error.systemCode, error.address, error.cause, proxy.host)
}

function unseenAddress(host: string): RegistryError {
  return new RegistryError(
    'REGISTRY_ADDRESS_REFUSED',
    `the address of \`${host}\`, which a server names, cannot be checked behind a proxy; list the host under \`hosts\` to allow it`,
  )
}

function exchange(outgoing: ClientRequest, request: TransportRequest, release: () => void): Promise<TransportAnswer> {
  const watch = watchExchange(outgoing, request, release)
  return new Promise((done, fail) => {
    const failed = (error: unknown): void => {
      watch.stop()
      fail(watch.fault(error))
    }
    outgoing.on('error', failed)
    // An upgrade that was not requested ends without an error of its own.
    outgoing.on('upgrade', (_, socket) => {
      socket.destroy()
      failed(Object.assign(new Error('unexpected upgrade'), { code: NOT_HTTP }))
    })
    outgoing.once('response', (incoming) => {
      watch.answered()
      done({
        status: incoming.statusCode ?? 0,
        header: (name) => incoming.headersDistinct[name.toLowerCase()]?.join(', '),
        body: watchedBody(incoming, watch),
        discard: () => {
          watch.stop()
          outgoing.destroy()
        },
      })
    })
    outgoing.end(request.body)
  })
}

async function* watchedBody(incoming: IncomingMessage, watch: ExchangeWatch): AsyncGenerator<Uint8Array> {
  const { socket } = incoming
  const before = socket.bytesRead
  let received = 0
  try {
    for await (const chunk of incoming) {
      watch.progressed()
      if (!(chunk instanceof Uint8Array)) continue
      received += chunk.length
      if (socket.bytesRead - before > MAX_FRAMING_BYTES + 2 * received) {
        throw new RegistryError('REGISTRY_RESPONSE_INVALID', 'the answer is split into too many small chunks')
      }
      yield chunk
    }
  } catch (error) {
    throw watch.fault(error)
  } finally {
    watch.stop()
  }
}
