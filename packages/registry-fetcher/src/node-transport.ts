import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { AddressReach } from '@verify-images/primitives'

import { checkLiteralAddress, guardedLookup } from './address.ts'
import type { ResolveAddresses } from './address.ts'
import { MAX_FRAMING_BYTES } from './limits.ts'
import { RegistryError } from './registry-error.ts'
import { systemFields } from './system-fields.ts'
import { ABORTED, NOT_HTTP, TIMED_OUT, TransportFault } from './transport.ts'
import type { Transport, TransportAnswer, TransportRequest, TransportStage } from './transport.ts'

export interface NodeTransport extends Transport {
  /** Closes idle connections. */
  close(): void
}

/**
 * HTTP on `node:http`, which neither follows redirects nor decodes bodies by itself and lets us see the address before
 * connecting. `fetch` can do none of that.
 *
 * Connections are pooled per reach: one that was opened for a named private host is not there for a redirect.
 */
export function createNodeTransport(
  connectionsPerHost: number,
  resolve?: ResolveAddresses,
  keepAlive: boolean = true,
): NodeTransport {
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

  return {
    async send(request: TransportRequest): Promise<TransportAnswer> {
      checkLiteralAddress(request.url.hostname, request.reach)
      const send = request.url.protocol === 'https:' ? httpsRequest : httpRequest
      const outgoing = send({
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
      return exchange(outgoing, request)
    },
    close(): void {
      for (const agent of agents.values()) agent.destroy()
      agents.clear()
    },
  }
}

function exchange(outgoing: ClientRequest, request: TransportRequest): Promise<TransportAnswer> {
  const watch = watchProgress(outgoing, request)
  return new Promise((done, fail) => {
    outgoing.on('error', (error) => {
      watch.stop()
      fail(fault(error, watch))
    })
    // An upgrade nobody asked for ends without an error of its own.
    outgoing.on('upgrade', (_, socket) => {
      socket.destroy()
      watch.stop()
      fail(new TransportFault(watch.stage, NOT_HTTP, watch.address, undefined))
    })
    outgoing.once('response', (incoming) => {
      watch.answered()
      done({
        status: incoming.statusCode ?? 0,
        header: (name) => headerOf(incoming, name),
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

interface Watch {
  readonly stage: TransportStage
  readonly address: string | undefined
  /** Why we ended the exchange ourselves; Node then reports a closed connection. */
  readonly ended: string | undefined
  answered(): void
  progressed(): void
  stop(): void
}

/** Ends the exchange when its present stage takes too long, or when the signal says so. */
function watchProgress(outgoing: ClientRequest, request: TransportRequest): Watch {
  const state: { stage: TransportStage; address: string | undefined; ended: string | undefined } = {
    stage: 'dial',
    address: undefined,
    ended: undefined,
  }
  const end = (systemCode: string): void => {
    state.ended ??= systemCode
    outgoing.destroy(Object.assign(new Error(systemCode), { code: systemCode }))
  }
  let timer: NodeJS.Timeout | undefined
  const restart = (ms: number): void => {
    clearTimeout(timer)
    timer = setTimeout(() => end(TIMED_OUT), ms)
  }
  const abort = (): void => end(ABORTED)
  if (request.signal.aborted) abort()
  request.signal.addEventListener('abort', abort, { once: true })

  // The clock starts with the socket: a request that waits for a free one has not dialled yet.
  outgoing.once('socket', (socket: Socket) => {
    restart(request.connectMs)
    const connected = (): void => {
      if (state.stage !== 'dial') return
      state.stage = 'answer'
      restart(request.idleMs)
    }
    const note = (): void => {
      if (socket.remoteAddress !== undefined) state.address = joinAddress(socket.remoteAddress, socket.remotePort)
    }
    note()
    if (!socket.connecting) connected()
    else {
      socket.once('connect', note)
      socket.once(request.url.protocol === 'https:' ? 'secureConnect' : 'connect', connected)
    }
  })
  return {
    get stage(): TransportStage {
      return state.stage
    },
    get address(): string | undefined {
      return state.address
    },
    get ended(): string | undefined {
      return state.ended
    },
    answered(): void {
      state.stage = 'body'
      restart(request.idleMs)
    },
    // The same wait from now on, without a new timer for each piece.
    progressed: () => void timer?.refresh(),
    stop(): void {
      clearTimeout(timer)
      request.signal.removeEventListener('abort', abort)
    },
  }
}

async function* watchedBody(incoming: IncomingMessage, watch: Watch): AsyncGenerator<Uint8Array> {
  const { socket } = incoming
  const before = socket.bytesRead
  let received = 0
  try {
    for await (const chunk of incoming) {
      watch.progressed()
      if (!(chunk instanceof Uint8Array)) continue
      received += chunk.length
      if (socket.bytesRead - before > MAX_FRAMING_BYTES + 2 * received) {
        throw new RegistryError('REGISTRY_RESPONSE_INVALID', 'the answer is cut into more pieces than it is worth')
      }
      yield chunk
    }
  } catch (error) {
    throw fault(error, watch)
  } finally {
    watch.stop()
  }
}

function headerOf(incoming: IncomingMessage, name: string): string | undefined {
  const values = incoming.headersDistinct[name.toLowerCase()]
  return values === undefined ? undefined : values.join(', ')
}

function fault(error: unknown, { stage, address, ended }: Watch): RegistryError | TransportFault {
  if (error instanceof RegistryError) return error
  const fields = systemFields(error)
  return new TransportFault(
    stage,
    ended ?? fields.code,
    fields.address === undefined ? address : joinAddress(fields.address, fields.port),
    error,
  )
}

function joinAddress(address: string, port: number | undefined): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port ?? ''}`
}
