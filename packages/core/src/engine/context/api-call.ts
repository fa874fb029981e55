import { isJsonArray, isJsonObject, type Json, type JsonObject, messageOf } from '@verify-images/primitives'
import { objectOf } from '../../request/copy-json.ts'
import type { ApiCall } from '../../kubernetes.ts'
import { EntryError } from './entry-error.ts'
import { fillIn, select, type EntryTask } from './entry-fields.ts'

/**
 * Calls the Kubernetes API or a service, through the embedder's reader only. An error message of the other side is not
 * repeated: whoever reads an admission message need not be allowed to read it.
 */
export async function apiCall(task: EntryTask): Promise<Json> {
  const {
    entry: { name, apiCall: source = {} },
    kubernetes,
    signal,
  } = task
  if (kubernetes?.call === undefined) throw new EntryError(name, { kind: 'no-reader', of: 'API calls' })
  const { jmesPath, default: fallback, ...call } = source
  const filled = await fillIn(task, call, `entry ${name} ${typeof call['urlPath'] === 'string' ? call['urlPath'] : ''}`)
  if (!isJsonObject(filled))
    throw new EntryError(name, { kind: 'call-invalid', problem: '`apiCall`: expected an object' })
  if (fallback !== undefined && !filled['urlPath'] && !isJsonObject(filled['service'])) return fallback
  const request = callOf(filled, task)
  let answer: Json
  try {
    answer = await kubernetes.call(request, signal)
  } catch (error) {
    if (fallback !== undefined) return fallback
    const target = request.target === 'kubernetes' ? { target: request.path } : {}
    throw new EntryError(name, { kind: 'call-failed', method: request.method, ...target }, error)
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
      const problem = `path ${path} is outside the policy's namespace "${policyNamespace}"`
      throw new EntryError(name, { kind: 'call-invalid', problem })
    }
    return { target: 'kubernetes', method, path, ...data }
  }
  if (!isJsonObject(service) || typeof service['url'] !== 'string')
    throw new EntryError(name, { kind: 'call-invalid', problem: 'expected `urlPath` or `service.url`, got neither' })
  if (policyNamespace !== undefined)
    throw new EntryError(name, { kind: 'call-invalid', problem: 'a namespaced policy may not call services' })
  const { url, headers, caBundle } = service
  const pairs = isJsonArray(headers) ? headers.filter(isJsonObject) : []
  return {
    target: 'service',
    method,
    url,
    headers: objectOf(pairs.map(({ key, value }) => [String(key), String(value)] as const)),
    ...(typeof caBundle === 'string' ? { caBundle } : {}),
    ...data,
  }
}

/** Returns the object whose members `data: [{key, value}]` lists. */
function bodyOf(data: Json | undefined): JsonObject {
  const pairs = isJsonArray(data) ? data.filter(isJsonObject) : []
  return objectOf(pairs.map(({ key, value }) => [String(key), value ?? null] as const))
}

/** Checks a path. It may be built from the object under review, and must not climb out of what the policy names. */
function cleanPath(path: string, entry: string): string {
  const plain = decoded(path.split('?', 1)[0] ?? '')
  if (!path.startsWith('/') || plain === undefined || plain.split('/').some((part) => part === '..' || part === '.')) {
    throw new EntryError(entry, { kind: 'call-invalid', problem: 'expected an absolute path without `.` and `..`' })
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
