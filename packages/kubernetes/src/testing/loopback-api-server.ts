import { KubeConfig } from '@kubernetes/client-node'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createTlsCertificate } from '@verify-images/testing'

/** Answers a request, or returns false to leave it to the server. */
export type Interceptor = (request: IncomingMessage, response: ServerResponse) => boolean

interface StoredObject {
  readonly kind?: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

/** An API server over loopback HTTPS that knows list, watch, get and create, and can be made to fail. */
export interface LoopbackApiServer {
  readonly config: KubeConfig
  /** Requests so far, without the query: `GET /api/v1/namespaces`, and `WATCH …` for a watch. */
  readonly requests: readonly string[]
  /** Bodies of POST requests so far. */
  readonly created: readonly unknown[]
  /** Creates or replaces an object of the list at a path, and reports it to the watches. */
  readonly put: (list: string, object: StoredObject) => void
  readonly remove: (list: string, object: StoredObject) => void
  /** Sends a line to all watches of a list. */
  readonly sendLine: (list: string, line: string) => void
  readonly endWatches: () => void
  readonly openWatches: () => number
  intercept: Interceptor | undefined
  readonly close: () => Promise<void>
}

const tls = createTlsCertificate({ host: '127.0.0.1' })
const caData = Buffer.from(tls.cert).toString('base64')

interface Stored {
  readonly list: string
  readonly path: string
  readonly object: object
}

interface Watch {
  readonly list: string
  readonly response: ServerResponse
}

export async function startLoopbackApiServer(): Promise<LoopbackApiServer> {
  const stored = new Map<string, Stored>()
  const watches = new Set<Watch>()
  const requests: string[] = []
  const created: unknown[] = []
  let version = 100

  const sendLine = (list: string, line: string): void => {
    for (const watch of watches) if (watch.list === list) watch.response.write(`${line}\n`)
  }
  const change = (type: string, list: string, object: StoredObject): void => {
    version++
    const path = pathOf(list, object)
    const versioned = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
    if (type === 'DELETED') stored.delete(path)
    else stored.set(path, { list, path, object: versioned })
    sendLine(list, JSON.stringify({ type, object: versioned }))
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://api')
    const isWatch = url.searchParams.has('watch')
    requests.push(`${isWatch ? 'WATCH' : (request.method ?? '')} ${url.pathname}`)
    if (server.intercept?.(request, response) === true) return
    if (isWatch) return openWatch(url.pathname, response)
    if (request.method === 'POST') {
      const body: unknown = JSON.parse(await text(request))
      created.push(body)
      return sendJson(response, 201, body)
    }
    const one = stored.get(decodeURIComponent(url.pathname))
    if (one !== undefined) return sendJson(response, 200, one.object)
    const known = [...stored.values()].filter(({ list }) => list === url.pathname)
    if (known.length === 0 && !isList(url)) return sendStatus(response, 404, `${url.pathname} not found`)
    sendJson(response, 200, pageOf(known, url, version))
  }

  function openWatch(list: string, response: ServerResponse): void {
    const watch = { list, response }
    watches.add(watch)
    response.once('close', () => watches.delete(watch))
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
  }

  const http = createServer(tls, (request, response) => void answer(request, response))
  const port = await listening(http)
  const server: LoopbackApiServer = {
    config: configFor(port),
    requests,
    created,
    put: (list, object) => change(stored.has(pathOf(list, object)) ? 'MODIFIED' : 'ADDED', list, object),
    remove: (list, object) => change('DELETED', list, object),
    sendLine,
    endWatches: () => {
      for (const { response } of watches) response.end()
    },
    openWatches: () => watches.size,
    intercept: undefined,
    close: () => {
      http.closeAllConnections()
      return new Promise((resolve) => http.close(() => resolve()))
    },
  }
  return server
}

/** Sends a failure as the API server does. */
export function sendStatus(response: ServerResponse, code: number, message: string): void {
  sendJson(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code })
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Returns a kubeconfig with a token, for a server on a port of the loopback address. */
export function configFor(port: number): KubeConfig {
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [{ name: 'test', server: `https://127.0.0.1:${String(port)}/`, caData }],
    users: [{ name: 'test', token: 'token-of-the-webhook' }],
    contexts: [{ name: 'test', cluster: 'test', user: 'test' }],
    currentContext: 'test',
  })
  return config
}

function pathOf(list: string, { metadata: { name, namespace } }: StoredObject): string {
  if (namespace === undefined) return `${list}/${name}`
  const at = list.lastIndexOf('/')
  return `${list.slice(0, at)}/namespaces/${namespace}${list.slice(at)}/${name}`
}

/** The client lists with a limit, and reads without one. */
function isList({ searchParams }: URL): boolean {
  return searchParams.has('limit')
}

/** Pages of two objects, so that three need a second page. */
function pageOf(known: readonly Stored[], { searchParams }: URL, version: number): object {
  const start = Number(searchParams.get('continue') ?? 0)
  const end = start + 2
  const more = end < known.length ? { continue: String(end) } : {}
  return {
    kind: 'List',
    metadata: { resourceVersion: String(version), ...more },
    items: known.slice(start, end).map(({ object }) => object),
  }
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
