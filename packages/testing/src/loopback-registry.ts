import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { aBoolean, aFunction, type OptionTable } from '@verify-images/primitives'
import { checkOptions } from './check-options.ts'
import { RepositoryStore } from './repository-store.ts'

export interface LoggedRequest {
  readonly method: string
  /** Path with query, as it was asked for. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What stands in for the honest answer; what is left out stays honest. */
export interface Fault {
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Uint8Array | undefined
  readonly delayMs?: number | undefined
  /** Never answer. */
  readonly hang?: boolean | undefined
  /** Reset the TCP connection. */
  readonly reset?: boolean | undefined
}

export interface LoopbackRegistryOptions {
  /** False answers 404 on the referrers API, as older registries do. */
  readonly referrersApi?: boolean | undefined
  /** Asked before every answer. */
  readonly faults?: (request: LoggedRequest) => Fault | undefined
}

export const registryOptions: OptionTable<LoopbackRegistryOptions> = { referrersApi: aBoolean, faults: aFunction }

/** An OCI registry on 127.0.0.1, read over HTTP and filled in memory. */
export interface LoopbackRegistry {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string
  /** Every request, in order of arrival. */
  readonly requests: readonly LoggedRequest[]
  /** The contents of a repository; it comes into being when it is first asked for. */
  readonly repository: (name: string) => RepositoryStore
  readonly close: () => Promise<void>
}

/** Starts a registry on a free port of the loopback interface. */
export async function startLoopbackRegistry(options: LoopbackRegistryOptions = {}): Promise<LoopbackRegistry> {
  checkOptions(options, registryOptions)
  const { referrersApi = true, faults } = options
  const repositories = new Map<string, RepositoryStore>()
  const requests: LoggedRequest[] = []
  const server = createServer((request, response) => {
    const logged = { method: request.method ?? 'GET', path: request.url ?? '/', headers: request.headers }
    requests.push(logged)
    void respond(request, response, answer(repositories, logged, referrersApi), faults?.(logged) ?? {})
  })
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(0, '127.0.0.1', listening)
  })
  return {
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests,
    repository: (name) => {
      const store = repositories.get(name) ?? new RepositoryStore()
      repositories.set(name, store)
      return store
    },
    close: () => close(server),
  }
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

function answer(
  repositories: ReadonlyMap<string, RepositoryStore>,
  { method, path }: LoggedRequest,
  referrersApi: boolean,
): Answer {
  if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'UNSUPPORTED')
  const url = new URL(path, 'http://registry')
  if (/^\/v2\/?$/.test(url.pathname))
    return { status: 200, headers: { 'Content-Type': 'application/json' }, body: Buffer.from('{}') }
  const [, name = '', route, reference = ''] =
    /^\/v2\/([^:]+)\/(manifests|blobs|referrers)\/([^/]+)$/.exec(decodeURIComponent(url.pathname)) ?? []
  const repository = repositories.get(name)
  if (repository === undefined) return refusal(404, 'NAME_UNKNOWN')
  if (route === 'referrers') {
    if (!referrersApi) return refusal(404, 'UNSUPPORTED')
    const { mediaType, body } = repository.referrers(reference, url.searchParams.get('artifactType') ?? undefined)
    return { status: 200, headers: { 'Content-Type': mediaType }, body }
  }
  const found = route === 'manifests' ? repository.manifest(reference) : repository.blob(reference)
  if (found === undefined) return refusal(404, route === 'manifests' ? 'MANIFEST_UNKNOWN' : 'BLOB_UNKNOWN')
  return {
    status: 200,
    headers: { 'Content-Type': found.mediaType, 'Docker-Content-Digest': found.digest },
    body: found.bytes,
  }
}

function refusal(status: number, code: string): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.from(JSON.stringify({ errors: [{ code, message: code.toLowerCase().replace('_', ' ') }] })),
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  honest: Answer,
  fault: Fault,
): Promise<void> {
  if (fault.reset === true) request.socket.resetAndDestroy()
  if (fault.reset === true || fault.hang === true) return
  if (fault.delayMs !== undefined) await new Promise((done) => setTimeout(done, fault.delayMs))
  const body = fault.body === undefined ? honest.body : Buffer.from(fault.body)
  response.writeHead(fault.status ?? honest.status, {
    ...honest.headers,
    'Content-Length': body.length,
    ...fault.headers,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function close(server: Server): Promise<void> {
  return new Promise((closed) => {
    server.close(() => closed())
    server.closeAllConnections()
  })
}
