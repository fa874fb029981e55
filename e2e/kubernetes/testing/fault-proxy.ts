import { createServer, request, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTlsCertificate } from '@verify-images/testing'
import type { ApiServer } from './api-server.ts'

/** What happens to a request on its way to the API server. */
export type ProxyFault =
  /** An answer with this status instead. */
  | { readonly kind: 'status'; readonly status: number }
  /** Sent on later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The answer is cut after so many bytes. */
  | { readonly kind: 'cut'; readonly bytes: number }
  /** Never answered. */
  | { readonly kind: 'hang' }

/** A proxy before a real API server that injects faults. */
export interface FaultProxy {
  readonly url: string
  readonly certificate: string
  /** Method and path with query of each request, in order. */
  readonly requests: readonly string[]
  /** Ends all connections, as a restart of a load balancer does. */
  readonly cutAll: () => void
  readonly close: () => Promise<void>
}

export async function startFaultProxy(
  api: ApiServer,
  faultOf: (path: string, count: number) => ProxyFault | undefined,
): Promise<FaultProxy> {
  const tls = createTlsCertificate({ host: '127.0.0.1' })
  const requests: string[] = []
  const server = createServer(tls, (incoming, outgoing) => {
    const asked = `${incoming.method ?? 'GET'} ${incoming.url ?? '/'}`
    requests.push(asked)
    answer(api, faultOf(asked, requests.length), incoming, outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${String(port)}`,
    certificate: tls.cert,
    requests,
    cutAll: () => server.closeAllConnections(),
    close: () => closed(server),
  }
}

function answer(
  api: ApiServer,
  fault: ProxyFault | undefined,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'status') {
    outgoing.writeHead(fault.status, { 'content-type': 'application/json', 'retry-after': '1' })
    outgoing.end(JSON.stringify({ kind: 'Status', code: fault.status, message: `injected ${String(fault.status)}` }))
    return
  }
  const sendOn = (): void => {
    const sent = request(
      `${api.url}${incoming.url ?? '/'}`,
      { method: incoming.method, ca: api.certificate, headers: { ...incoming.headers, host: new URL(api.url).host } },
      (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.headers)
        // A watch answers before its first event.
        outgoing.flushHeaders()
        if (fault?.kind === 'cut') cutAfter(fault.bytes, response, outgoing)
        else response.pipe(outgoing)
        outgoing.once('close', () => response.destroy())
      },
    )
    sent.on('error', () => outgoing.destroy())
    incoming.pipe(sent)
  }
  if (fault?.kind === 'delay') setTimeout(sendOn, fault.ms)
  else sendOn()
}

function cutAfter(bytes: number, response: IncomingMessage, outgoing: ServerResponse): void {
  let left = bytes
  response.on('data', (chunk: Buffer) => {
    outgoing.write(chunk.subarray(0, left), () => {
      if (left <= 0) outgoing.destroy()
    })
    left -= chunk.length
  })
  response.on('end', () => outgoing.end())
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
