import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { AddressReach } from '@verify-images/primitives'

import { checkLiteralAddress, guardedLookup } from './address.ts'
import type { ResolveAddresses } from './address.ts'
import { createConnectionQueue } from './connection-queue.ts'
import { watchExchange } from './exchange-watch.ts'
import type { ExchangeWatch } from './exchange-watch.ts'
import { MAX_FRAMING_BYTES } from './limits.ts'
import { RegistryError } from './registry-error.ts'
import { NOT_HTTP } from './transport.ts'
import type { Transport, TransportAnswer, TransportRequest } from './transport.ts'

export interface NodeTransport extends Transport {
  /** Closes idle connections. */
  close(): void
}

/**
 * Sends requests with `node:http`, which neither follows redirects nor decodes bodies, and lets us check the address
 * before connecting. `fetch` can do none of that.
 *
 * There is one pool of connections per reach: a connection to a private host that the options name is not reused for a
 * redirect.
 */
export function createNodeTransport(
  connectionsPerHost: number,
  resolve?: ResolveAddresses,
  keepAlive: boolean = true,
): NodeTransport {
  const queue = createConnectionQueue(connectionsPerHost)
  const agents = new Map<string, HttpAgent | HttpsAgent>()

  function agentFor(protocol: string, reach: AddressReach): HttpAgent | HttpsAgent {
    const key = `${protocol} ${reach}`
    const known = agents.get(key)
    if (known) return known
    const options = { keepAlive, maxSockets: connectionsPerHost, maxFreeSockets: 4 }
    const agent = protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)
    agents.set(key, agent)
    return agent
  }

  function start(request: TransportRequest): ClientRequest {
    const send = request.url.protocol === 'https:' ? httpsRequest : httpRequest
    return send({
      agent: agentFor(request.url.protocol, request.reach),
      protocol: request.url.protocol,
      hostname: request.url.hostname.replace(/^\[|\]$/g, ''),
      port: request.url.port,
      path: request.url.pathname + request.url.search,
      method: request.method,
      headers: { ...request.headers },
      lookup: guardedLookup(request.reach, resolve),
      ...(request.certificateAuthority === undefined ? {} : { ca: request.certificateAuthority }),
    })
  }

  return {
    async send(request: TransportRequest): Promise<TransportAnswer> {
      checkLiteralAddress(request.url.hostname, request.reach)
      const release = await queue.acquire(request.url.host, request.repository, request.signal)
      try {
        return await exchange(start(request), request, release)
      } catch (error) {
        release()
        throw error
      }
    },
    close(): void {
      for (const agent of agents.values()) agent.destroy()
      agents.clear()
    },
  }
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
