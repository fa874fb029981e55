import { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext, type KubeConfig } from '@kubernetes/client-node'
import {
  isJsonObject,
  isObject,
  messageOf,
  type Json,
  type JsonObject,
  type OptionKind,
} from '@verify-images/primitives'
import { parseJson, readJson } from './json-answer.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { MAX_ANSWER_BYTES, MAX_EVENT_BYTES } from './limits.ts'

/** One change that a watch reports. */
export interface WatchEvent {
  readonly type: string
  readonly object: JsonObject
}

export interface ClusterRequest {
  readonly method: 'GET' | 'POST'
  /** The path with its query. */
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
  const send = (request: ClusterRequest, signal: AbortSignal): Promise<Json> =>
    reaching(signal, async () => readJson(await open(config, request, signal), request.path, MAX_ANSWER_BYTES))
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
      const stream = await reaching(signal, () => open(config, { method: 'GET', path }, signal))
      opened()
      for await (const line of linesOf(stream)) yield eventOf(parseJson(line, path), path)
    },
  }
}

const http = new IsomorphicFetchHttpLibrary()

async function open(
  config: KubeConfig,
  { method, path, body }: ClusterRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
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

/** Turns a failure of the transport into an error of this package. */
async function reaching<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof KubernetesError) throw error
    throw new KubernetesError('KUBERNETES_REQUEST_FAILED', unreachable(error), { cause: error })
  }
}

function eventOf(event: Json, path: string): WatchEvent {
  const object = isJsonObject(event) ? event['object'] : undefined
  if (isJsonObject(event) && typeof event['type'] === 'string' && isJsonObject(object))
    return { type: event['type'], object }
  throw new KubernetesError('KUBERNETES_ANSWER_INVALID', `${path}: expected a watch event`)
}

/** `fetch` says only `fetch failed`; the reason is in its cause. */
function unreachable(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const code = isObject(cause) && typeof cause['code'] === 'string' ? `${cause['code']}: ` : ''
  return `the API server cannot be reached: ${code}${messageOf(cause ?? error)}`
}

/** Returns the error for a refused request, with the message of the `Status` object if the API server sent one. */
async function refusal(status: number, path: string, stream: AsyncIterable<Uint8Array>): Promise<KubernetesError> {
  const answer = await readJson(stream, path, MAX_ANSWER_BYTES).catch(() => undefined)
  const stated = isJsonObject(answer) && answer['kind'] === 'Status' ? answer['message'] : undefined
  const message = typeof stated === 'string' ? stated : `${path}: HTTP ${String(status)}`
  return new KubernetesError('KUBERNETES_REQUEST_FAILED', message, { status })
}

/** Yields whole lines. The rest after the last one is dropped: its object is incomplete. */
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
      throw new KubernetesError(
        'KUBERNETES_ANSWER_INVALID',
        `watch event: expected at most ${String(MAX_EVENT_BYTES)} bytes`,
      )
    if (rest.length > 0) parts.push(rest)
  }
}

const NEWLINE = 0x0a
