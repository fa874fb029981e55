import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'

/** What a proxy was asked for. */
export interface ProxyRequest {
  /** `host:port`. */
  readonly authority: string
  readonly authorization: string | undefined
}

/** A running HTTP proxy on loopback. */
export interface ConnectProxy {
  /** `127.0.0.1:<port>`. */
  readonly host: string
  readonly asked: readonly ProxyRequest[]
  readonly close: () => void
}

/** Starts a proxy that connects every name to the one server at an endpoint. */
export async function startConnectProxy(endpoint: string): Promise<ConnectProxy> {
  const asked: ProxyRequest[] = []
  const server = createServer()
  server.on('connect', ({ url = '', headers }, socket, head) => {
    asked.push({ authority: url, authorization: headers['proxy-authorization'] })
    const upstream = connect(Number(new URL(endpoint).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(socket).pipe(upstream)
    })
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('expected a port')
  return {
    host: `127.0.0.1:${String(address.port)}`,
    asked,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
