import { isJsonObject, type Json, type JsonObject } from '@verify-images/primitives'
import { objectOf } from '../../request/copy-json.ts'
import type { ApiCall } from '../../kubernetes.ts'
import { fillIn, select, type EntryTask } from './entry-fields.ts'
import { messageOf } from '../fault.ts'

/**
 * The answer to a call of the Kubernetes API or of a service, through the embedder's reader and nothing else. What an
 * error of the other side says is not repeated: it may not be for the reader of an admission message.
 */
export async function apiCall(task: EntryTask): Promise<Json> {
  const {
    entry: { name, apiCall: source = {} },
    kubernetes,
    signal,
  } = task
  if (kubernetes?.call === undefined) throw new Error(`context entry ${name}: API calls are not provided`)
  const { jmesPath, default: fallback, ...call } = source
  const filled = await fillIn(task, call, `entry ${name} ${typeof call['urlPath'] === 'string' ? call['urlPath'] : ''}`)
  if (!isJsonObject(filled)) throw new Error(`context entry ${name}: not an object`)
  if (fallback !== undefined && !filled['urlPath'] && !isJsonObject(filled['service'])) return fallback
  const request = callOf(filled, task)
  let answer: Json
  try {
    answer = await kubernetes.call(request, signal)
  } catch (error) {
    if (fallback !== undefined) return fallback
    const target = request.target === 'kubernetes' ? request.path : 'the service'
    throw new Error(`failed to execute APICall for context entry ${name}: ${request.method} ${target} failed`, {
      cause: error,
    })
  }
  return select(task, typeof jmesPath === 'string' ? jmesPath : undefined, answer)
}

function callOf(call: JsonObject, { entry: { name }, policyNamespace }: EntryTask): ApiCall {
  const method = call['method'] === 'POST' ? 'POST' : 'GET'
  const data = method === 'POST' ? { data: bodyOf(call['data']) } : {}
  const { urlPath, service } = call
  if (typeof urlPath === 'string' && urlPath !== '') {
    const path = cleanPath(urlPath, name)
    if (policyNamespace !== undefined && !`${path}/`.includes(`/namespaces/${policyNamespace}/`)) {
      throw new Error(`context entry ${name}: path ${path} is outside the policy's namespace "${policyNamespace}"`)
    }
    return { target: 'kubernetes', method, path, ...data }
  }
  if (!isJsonObject(service) || typeof service['url'] !== 'string')
    throw new Error(`context entry ${name}: neither urlPath nor service.url is given`)
  if (policyNamespace !== undefined) throw new Error(`context entry ${name}: a namespaced policy may not call services`)
  const { url, headers, caBundle } = service
  const pairs = Array.isArray(headers) ? (headers as readonly Json[]).filter(isJsonObject) : []
  return {
    target: 'service',
    method,
    url,
    headers: objectOf(pairs.map(({ key, value }) => [String(key), String(value)] as const)) as Record<string, string>,
    ...(typeof caBundle === 'string' ? { caBundle } : {}),
    ...data,
  }
}

/** `data: [{key, value}]` is the object with these members. */
function bodyOf(data: Json | undefined): JsonObject {
  const pairs = Array.isArray(data) ? (data as readonly Json[]).filter(isJsonObject) : []
  return objectOf(pairs.map(({ key, value }) => [String(key), value ?? null] as const))
}

/** A path may be built from the object that is judged; it must not climb out of what the policy names. */
function cleanPath(path: string, entry: string): string {
  const plain = decoded(path.split('?', 1)[0] ?? '')
  if (!path.startsWith('/') || plain === undefined || plain.split('/').some((part) => part === '..' || part === '.')) {
    throw new Error(`context entry ${entry}: the path is not a plain absolute path`)
  }
  return path
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw new Error(messageOf(error), { cause: error })
  }
}
