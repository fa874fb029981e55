import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { TlsOptions } from 'node:tls'
import { aBoolean, aFunction, anObject, anything, aString, oneOf, type OptionTable } from '@verify-images/primitives'
import { aName, checkOptions, checkValue } from './check-options.ts'
import { contentOf, descriptorOf, OCI_INDEX, OCI_MANIFEST, type Descriptor } from './content.ts'
import { likeRegistry, makeLogIn, type RegistryLogIn } from './like-registry.ts'
import { honestAnswer, type Answer } from './registry-answer.ts'
import { registryProfiles, type RegistryKind } from './registry-profiles.ts'
import { RepositoryStore } from './repository-store.ts'

/** A request as the registry received it. */
export interface LoggedRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** How many requests with this method and path the registry has received, this one included. */
  readonly count: number
}

/** Replaces parts of the honest answer; omitted parts stay honest. */
export interface Fault {
  readonly status?: number | undefined
  /** Added to the honest headers; `null` removes one. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>> | undefined
  /** An async iterable is sent chunked, for as long as it yields. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array> | undefined
  readonly delayMs?: number | undefined
  /** Announce the whole body, send this many bytes of it and end the connection. */
  readonly truncateToBytes?: number | undefined
  /** Never answer. */
  readonly hang?: boolean | undefined
  /** Reset the TCP connection. */
  readonly reset?: boolean | undefined
}

/** Options of `tls.createServer`, with key and certificate in PEM. */
export type RegistryTls = TlsOptions & { readonly key: string; readonly cert: string }

export interface LoopbackRegistryOptions {
  /** `false` answers the referrers API with 404, as older registries do. Default: `true`. */
  readonly referrersApi?: boolean | undefined
  /**
   * Answers as a registry of this kind does: with its log-in, referrers and redirects. `referrersApi` is then the
   * kind's. {@link LoopbackRegistry.logIn} has the password.
   */
  readonly like?: RegistryKind | undefined
  /** Called for each request before it is answered. */
  readonly faults?: ((request: LoggedRequest) => Fault | undefined) | undefined
  /** Serves HTTPS instead of HTTP: `{ tls: createTlsCertificate({ host: '127.0.0.1' }) }`. */
  readonly tls?: RegistryTls | undefined
}

export const registryOptions: OptionTable<Omit<LoopbackRegistryOptions, 'tls'>> = {
  referrersApi: aBoolean,
  like: oneOf(...Object.keys(registryProfiles)),
  faults: aFunction,
}
const standaloneOptions: OptionTable<LoopbackRegistryOptions> = { ...registryOptions, tls: anObject }
const aCount = { expected: 'a number of at least 0', fits: (value: unknown): boolean => Number(value) >= 0 }
const faultMembers: OptionTable<Fault> = {
  status: aCount,
  headers: anObject,
  body: anything,
  delayMs: aCount,
  truncateToBytes: aCount,
  hang: aBoolean,
  reset: aBoolean,
}

export interface PutManifestOptions {
  readonly tag?: string | undefined
  /** Default: the `mediaType` of the document, else that of an image index or manifest. */
  readonly mediaType?: string | undefined
}
const putManifestOptions: OptionTable<PutManifestOptions> = { tag: aString, mediaType: aString }

/** An OCI registry on 127.0.0.1 with in-memory content. It is read over HTTP and filled through these methods. */
export interface LoopbackRegistry {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string
  /** `127.0.0.1:<port>` */
  readonly host: string
  /** Who may read a registry that is like another one. Without `like` anyone may. */
  readonly logIn: RegistryLogIn | undefined
  /** Every request, in order of arrival. */
  readonly requests: readonly LoggedRequest[]
  /** The content of a repository, which is created by the first call. */
  readonly repository: (name: string) => RepositoryStore
  /** Stores a blob that every repository serves. */
  readonly putBlob: (content: string | Uint8Array) => Descriptor
  /** Stores a manifest under its digest and, if given, a tag. If it has a `subject`, it becomes a referrer of that. */
  readonly putManifest: (repository: string, document: object, options?: PutManifestOptions) => Descriptor
  /**
   * Closes all connections and stops the server.
   *
   * @throws the first error of `faults`, because an answer without its fault would let a test pass for the wrong reason
   */
  readonly close: () => Promise<void>
}

/**
 * Starts a registry on a free port of the loopback interface.
 *
 * @throws RangeError for unknown options
 */
export async function startLoopbackRegistry(options: LoopbackRegistryOptions = {}): Promise<LoopbackRegistry> {
  checkOptions(options, standaloneOptions)
  const { referrersApi = true, faults, tls, like } = options
  const logIn = like === undefined ? undefined : makeLogIn()
  const atDoor = like === undefined || logIn === undefined ? undefined : likeRegistry(registryProfiles[like], logIn)
  for (const name of ['key', 'cert'] as const) if (tls !== undefined) checkValue(tls[name], aName, `tls.${name}`)
  const repositories = new Map<string, RepositoryStore>()
  const sharedBlobs = new RepositoryStore()
  const requests: LoggedRequest[] = []
  const counts = new Map<string, number>()
  const errors: unknown[] = []

  function repository(name: string): RepositoryStore {
    checkValue(name, aName, 'repository')
    const store = repositories.get(name) ?? new RepositoryStore()
    repositories.set(name, store)
    return store
  }
  function faultFor(request: LoggedRequest): Fault {
    try {
      const fault = faults?.(request) ?? {}
      checkOptions(fault, faultMembers, { path: 'fault' })
      return fault
    } catch (error) {
      errors.push(error)
      return { status: 500 }
    }
  }
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = request
    const count = (counts.get(`${method} ${path}`) ?? 0) + 1
    counts.set(`${method} ${path}`, count)
    const received: LoggedRequest = { method, path, headers, body: await readBody(request), count }
    requests.push(received)
    const met = atDoor?.(received, endpoint) ?? { path }
    const honest = 'path' in met ? honestAnswer(method, met, { repositories, sharedBlobs, referrersApi }) : met
    await respond(request, response, honest, faultFor(received))
  }
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch(() => response.destroy())
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  const host = await listen(server)
  const endpoint = `${tls === undefined ? 'http' : 'https'}://${host}`
  return {
    endpoint,
    host,
    logIn,
    requests,
    repository,
    putBlob: (content) => {
      const blob = contentOf('application/octet-stream', Buffer.from(content))
      sharedBlobs.putBlob(blob)
      return descriptorOf(blob)
    },
    putManifest: (name, document, manifestOptions = {}) => {
      checkOptions(manifestOptions, putManifestOptions)
      const { tag, mediaType = mediaTypeOf(document) } = manifestOptions
      const bytes = document instanceof Uint8Array ? document : Buffer.from(JSON.stringify(document))
      const manifest = contentOf(mediaType, bytes)
      repository(name).putManifest(manifest, ...(tag === undefined ? [] : [tag]))
      return descriptorOf(manifest)
    },
    close: async () => {
      await close(server)
      if (errors.length > 0) throw errors[0]
    },
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  honest: Answer,
  fault: Fault,
): Promise<void> {
  if (fault.delayMs !== undefined) await new Promise((done) => setTimeout(done, fault.delayMs))
  if (fault.reset === true) return void request.socket.resetAndDestroy()
  if (fault.hang === true) return
  const body = typeof fault.body === 'string' ? Buffer.from(fault.body) : (fault.body ?? honest.body)
  const headers = { ...honest.headers, ...lowerCased(fault.headers ?? {}) }
  if (body instanceof Uint8Array) headers['content-length'] ??= String(body.length)
  for (const [name, value] of Object.entries(headers)) if (value !== null) response.setHeader(name, value)
  response.writeHead(fault.status ?? honest.status)
  if (!(body instanceof Uint8Array)) await pipeline(Readable.from(body), response)
  else if (request.method === 'HEAD') response.end()
  else if (fault.truncateToBytes === undefined) response.end(body)
  else response.write(body.subarray(0, fault.truncateToBytes), () => response.destroy())
}

function lowerCased<Value>(headers: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function mediaTypeOf(document: object): string {
  if ('mediaType' in document && typeof document.mediaType === 'string') return document.mediaType
  return 'manifests' in document ? OCI_INDEX : OCI_MANIFEST
}

/** Listens on a free port. */
async function listen(server: Server): Promise<string> {
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(0, '127.0.0.1', listening)
  })
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the registry listens on no TCP port')
  return `127.0.0.1:${String(address.port)}`
}

function close(server: Server): Promise<void> {
  return new Promise((closed) => {
    server.close(() => closed())
    server.closeAllConnections()
  })
}
