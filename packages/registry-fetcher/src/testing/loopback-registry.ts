import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { digestOf } from '../digest.ts'
import type { Digest } from '../digest.ts'

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'

/** A request as the registry received it. */
export interface ReceivedRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** How often this method and path was asked, from 1. */
  readonly count: number
}

/** What to answer instead; what is left out stays as the honest answer has it. */
export interface Twist {
  readonly status?: number
  /** Laid over the honest ones; null removes. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>
  /** An iterable is sent chunked, as long as it lasts. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>
  readonly delayMs?: number
  /** Announce the whole body, send this many bytes, end the connection. */
  readonly truncateTo?: number
  /** Never answer. */
  readonly hang?: boolean
  /** Reset the connection. */
  readonly reset?: boolean
}

export interface LoopbackOptions {
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Default: true. */
  readonly referrersApi?: boolean
  /** Called for each request before it is answered. */
  readonly twist?: (request: ReceivedRequest) => Twist | undefined
}

export interface StoredDescriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly artifactType?: string
}

/** A registry on 127.0.0.1, held in memory, whose every answer can be twisted. For tests. */
export interface LoopbackRegistry {
  readonly url: string
  /** `127.0.0.1:<port>` */
  readonly host: string
  readonly requests: readonly ReceivedRequest[]
  putBlob(content: string | Uint8Array): StoredDescriptor
  /** Stores a manifest in a repository, under its digest and maybe a tag. What has a `subject` is listed as its referrer. */
  putManifest(
    repository: string,
    document: object | Uint8Array,
    options?: { readonly tag?: string; readonly mediaType?: string },
  ): StoredDescriptor
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export async function startLoopbackRegistry({
  tls,
  referrersApi = true,
  twist,
}: LoopbackOptions = {}): Promise<LoopbackRegistry> {
  const content = new Map<string, Uint8Array>()
  const manifests = new Map<string, StoredDescriptor>()
  const referrers = new Map<string, StoredDescriptor[]>()
  const requests: ReceivedRequest[] = []

  function honest(path: string): Answer {
    const [, repository = '', route = '', reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs|referrers)\/([^/?]+)/.exec(path) ?? []
    if (route === 'referrers' && referrersApi) {
      return json(
        200,
        { schemaVersion: 2, mediaType: OCI_INDEX, manifests: referrers.get(`${repository}/${reference}`) ?? [] },
        OCI_INDEX,
      )
    }
    const stored = route === 'manifests' ? manifests.get(`${repository}/${reference}`) : undefined
    const body = content.get(stored?.digest ?? (route === 'blobs' ? reference : ''))
    if (body === undefined)
      return json(404, {
        errors: [
          route === 'blobs'
            ? { code: 'BLOB_UNKNOWN', message: 'blob unknown' }
            : { code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' },
        ],
      })
    return {
      status: 200,
      headers: stored
        ? { 'content-type': stored.mediaType, 'docker-content-digest': stored.digest }
        : { 'content-type': 'application/octet-stream' },
      body,
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request
    const pieces: Uint8Array[] = []
    for await (const piece of request) if (piece instanceof Uint8Array) pieces.push(piece)
    const body = Buffer.concat(pieces).toString()
    const count = requests.filter((earlier) => earlier.method === method && earlier.path === path).length + 1
    const received: ReceivedRequest = { method, path, headers, body, count }
    requests.push(received)
    await respond(request, response, honest(path), twist?.(received) ?? {})
  }

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch(() => response.destroy())
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  // A server on a TCP port has an address of this form.
  const { port } = server.address() as AddressInfo
  const put = (bytes: Uint8Array): { digest: Digest; size: number } => {
    const digest = digestOf(bytes)
    content.set(digest, bytes)
    return { digest, size: bytes.length }
  }
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    requests,
    putBlob: (blob) => ({ mediaType: 'application/octet-stream', ...put(Buffer.from(blob)) }),
    putManifest(repository, document, { tag, mediaType = typeOf(document) } = {}): StoredDescriptor {
      const described = {
        mediaType,
        ...put(document instanceof Uint8Array ? document : Buffer.from(JSON.stringify(document))),
      }
      manifests.set(`${repository}/${described.digest}`, described)
      if (tag !== undefined) manifests.set(`${repository}/${tag}`, described)
      const subject = subjectOf(document)
      if (subject !== undefined)
        referrers.set(`${repository}/${subject}`, [...(referrers.get(`${repository}/${subject}`) ?? []), described])
      return described
    },
    async close(): Promise<void> {
      const closed = new Promise((done) => server.close(done))
      server.closeAllConnections()
      await closed
    },
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  twist: Twist,
): Promise<void> {
  if (twist.delayMs !== undefined) await new Promise((done) => setTimeout(done, twist.delayMs))
  if (twist.reset === true) return void request.socket.resetAndDestroy()
  if (twist.hang === true) return
  const body = typeof twist.body === 'string' ? Buffer.from(twist.body) : (twist.body ?? answer.body)
  const headers: Record<string, string | readonly string[] | null> = { ...answer.headers, ...twist.headers }
  if (body instanceof Uint8Array) headers['content-length'] ??= String(body.length)
  for (const [name, value] of Object.entries(headers)) if (value !== null) response.setHeader(name, value)
  response.writeHead(twist.status ?? answer.status)
  if (!(body instanceof Uint8Array)) await pipeline(Readable.from(body), response)
  else if (twist.truncateTo === undefined) response.end(body)
  else response.write(body.subarray(0, twist.truncateTo), () => response.destroy())
}

function json(status: number, value: unknown, contentType: string = 'application/json'): Answer {
  return { status, headers: { 'content-type': contentType }, body: Buffer.from(JSON.stringify(value)) }
}

function typeOf(document: object): string {
  if ('mediaType' in document && typeof document.mediaType === 'string') return document.mediaType
  return 'manifests' in document ? OCI_INDEX : OCI_MANIFEST
}

function subjectOf(document: object): string | undefined {
  const subject = 'subject' in document ? document.subject : undefined
  return typeof subject === 'object' && subject !== null && 'digest' in subject ? String(subject.digest) : undefined
}
