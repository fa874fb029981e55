import { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext, type KubeConfig } from '@kubernetes/client-node'
import { isJsonObject, isObject, type Json, type JsonObject, type OptionKind } from '@verify-images/primitives'
import { KubernetesError, messageOf } from './kubernetes-error.ts'
import { MAX_ANSWER_BYTES, MAX_EVENT_BYTES } from './limits.ts'

/** One change that a watch reports. */
export interface WatchEvent {
  readonly type: string
  readonly object: JsonObject
}

export interface ClusterRequest {
  readonly method: 'GET' | 'POST'
  /** With its query. */
  readonly path: string
  readonly body?: Json
}

/** JSON requests to the API server, with the credentials of a kubeconfig. */
export interface ClusterClient {
  /** @throws KubernetesError KUBERNETES_REQUEST_FAILED with `status`, KUBERNETES_ANSWER_INVALID */
  send(request: ClusterRequest, signal: AbortSignal): Promise<Json>
  /** Reads an object; undefined if it does not exist. */
  read(path: string, signal: AbortSignal): Promise<JsonObject | undefined>
  /** Yields the events of a watch, until the API server or the signal ends it. `opened` is called before the first. */
  watch(path: string, signal: AbortSignal, opened: () => void): AsyncGenerator<WatchEvent, void>
}

export const aKubeConfig: OptionKind = {
  expected: 'a KubeConfig of @kubernetes/client-node',
  fits: (value) =>
    isObject(value) &&
    typeof value['getCurrentCluster'] === 'function' &&
    typeof value['applySecurityAuthentication'] === 'function',
}

/** Creates the client. Authentication, TLS and proxies are those of `@kubernetes/client-node`. */
export function createClusterClient(config: KubeConfig): ClusterClient {
  const http = new IsomorphicFetchHttpLibrary()

  async function open({ method, path, body }: ClusterRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const server = config.getCurrentCluster()?.server
    if (server === undefined) throw new KubernetesError('KUBERNETES_REQUEST_FAILED', 'the kubeconfig names no cluster')
    const context = new RequestContext(`${server.replace(/\/$/, '')}${path}`, HttpMethod[method])
    context.setSignal(signal)
    context.setHeaderParam('Accept', 'application/json')
    if (body !== undefined) {
      context.setHeaderParam('Content-Type', 'application/json')
      context.setBody(JSON.stringify(body))
    }
    await config.applySecurityAuthentication(context)
    const response = await http.send(context).toPromise()
    const stream = response.body.stream() ?? new ReadableStream<Uint8Array>()
    if (response.httpStatusCode < 200 || response.httpStatusCode > 299)
      throw await refusal(response.httpStatusCode, path, stream)
    return stream
  }

  async function request(asked: ClusterRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    try {
      return await open(asked, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof KubernetesError) throw error
      throw new KubernetesError('KUBERNETES_REQUEST_FAILED', unreachable(error), { cause: error })
    }
  }

  const send = async (asked: ClusterRequest, signal: AbortSignal): Promise<Json> =>
    parse(await bytesOf(await request(asked, signal), MAX_ANSWER_BYTES), asked.path)
  return {
    send,
    read: async (path, signal) => {
      try {
        const object = await send({ method: 'GET', path }, signal)
        if (isJsonObject(object)) return object
        throw new KubernetesError('KUBERNETES_ANSWER_INVALID', `${path}: expected an object`)
      } catch (error) {
        if (error instanceof KubernetesError && error.status === 404) return undefined
        throw error
      }
    },
    watch: async function* (path, signal, opened) {
      const stream = await request({ method: 'GET', path }, signal)
      opened()
      for await (const line of linesOf(stream)) {
        const event = parse(line, path)
        const object = isJsonObject(event) ? event['object'] : undefined
        if (!isJsonObject(event) || typeof event['type'] !== 'string' || !isJsonObject(object))
          throw new KubernetesError('KUBERNETES_ANSWER_INVALID', `${path}: expected a watch event`)
        yield { type: event['type'], object }
      }
    },
  }
}

/** `fetch failed` says nothing; its cause does. */
function unreachable(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const code = isObject(cause) && typeof cause['code'] === 'string' ? `${cause['code']}: ` : ''
  return `the API server cannot be reached: ${code}${messageOf(cause ?? error)}`
}

/** The error that the API server states as a `Status`. */
async function refusal(status: number, path: string, stream: AsyncIterable<Uint8Array>): Promise<KubernetesError> {
  const bytes = await bytesOf(stream, MAX_ANSWER_BYTES)
  const stated = statusOf(bytes)
  return new KubernetesError('KUBERNETES_REQUEST_FAILED', stated ?? `${path}: HTTP ${String(status)}`, { status })
}

function statusOf(bytes: Uint8Array): string | undefined {
  try {
    const answer: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return isObject(answer) && answer['kind'] === 'Status' && typeof answer['message'] === 'string'
      ? answer['message']
      : undefined
  } catch {
    return undefined
  }
}

async function bytesOf(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > maxBytes)
      throw new KubernetesError('KUBERNETES_ANSWER_INVALID', `an answer of more than ${String(maxBytes)} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** A line that was cut is not yielded: the object would not be whole. */
async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield Buffer.concat([...parts, chunk.subarray(start, end)])
      parts = []
      size = 0
      start = end + 1
    }
    const rest = chunk.subarray(start)
    size += rest.length
    if (size > MAX_EVENT_BYTES)
      throw new KubernetesError('KUBERNETES_ANSWER_INVALID', `an event of more than ${String(MAX_EVENT_BYTES)} bytes`)
    if (rest.length > 0) parts.push(rest)
  }
}

const NEWLINE = 0x0a

function parse(bytes: Uint8Array, path: string): Json {
  try {
    const answer: Json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return answer
  } catch (cause) {
    throw new KubernetesError('KUBERNETES_ANSWER_INVALID', `${path}: expected JSON`, { cause })
  }
}
