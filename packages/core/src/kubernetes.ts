import { isJsonObject, type Json, type JsonObject } from '@verify-images/primitives'
import { asJson } from './request/as-json.ts'
import { untilAborted } from './engine/until-aborted.ts'
import { VerifierError } from './verifier-error.ts'

/** The kinds of object that a rule can name and that we ever read. */
export type ReadableKind = 'ConfigMap' | 'Namespace' | 'Secret'

/** An `apiCall` context entry, with all variables filled in. */
export type ApiCall =
  | { readonly target: 'kubernetes'; readonly method: 'GET' | 'POST'; readonly path: string; readonly data?: Json }
  | {
      readonly target: 'service'
      readonly method: 'GET' | 'POST'
      readonly url: string
      readonly headers: Readonly<Record<string, string>>
      readonly caBundle?: string
      readonly data?: Json
    }

/**
 * What a policy may read of the cluster. There is none by default: what a rule then asks for fails as a rule error.
 *
 * An implementation decides what it allows. It should refuse paths and hosts it does not know, because a policy can
 * build them from the object that is being judged. What `read` throws is repeated in messages, as Kyverno repeats what the
 * API server says, and whoever asked may read them; what `call` throws is not.
 */
export interface KubernetesReader {
  /** The object, or undefined when the cluster says that there is none. Throws when the cluster could not be asked. */
  read(
    kind: ReadableKind,
    namespace: string | undefined,
    name: string,
    signal: AbortSignal,
  ): Promise<JsonObject | undefined>
  /** Answers an `apiCall`; without this method every `apiCall` fails. Throws when the call failed. */
  call?(call: ApiCall, signal: AbortSignal): Promise<Json>
  /** The data of a GlobalContextEntry, or of one of its projections (`entry.projection`). */
  globalEntry?(name: string, signal: AbortSignal): Promise<Json | undefined>
}

/**
 * A reader over objects that are already in memory, as a test, a CI script or the CLI has them. They are copied as JSON, so
 * those of a client's classes will do.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID
 */
export function fixedObjects(objects: readonly object[]): KubernetesReader {
  if (!Array.isArray(objects) || !Array.from(objects, isJsonObject).every(Boolean))
    throw new VerifierError('VERIFIER_OPTIONS_INVALID', 'the objects of a reader must be a list of objects')
  const byKey = new Map<string, JsonObject>()
  for (const given of objects) {
    const object = copyObject(given, 'an object')
    const { kind, metadata } = object
    const { name, namespace } = isJsonObject(metadata) ? metadata : {}
    if (typeof kind === 'string' && typeof name === 'string')
      byKey.set(keyOf(kind, typeof namespace === 'string' ? namespace : undefined, name), object)
  }
  return {
    read: (kind, namespace, name) =>
      Promise.resolve(byKey.get(keyOf(kind, namespace, name)) ?? byKey.get(keyOf(kind, undefined, name))),
  }
}

/**
 * The same reader as an evaluation asks it: once for each thing, so that both phases see the same, not beyond the signal,
 * and for a copy, as JSON, of what it gives. A reader may go on changing what it gave, or give what no expression should see.
 */
export function readOnce(reader: KubernetesReader): KubernetesReader {
  const { call, globalEntry } = reader
  const objects = askOnce<JsonObject | undefined>()
  const answers = askOnce<Json>()
  const entries = askOnce<Json | undefined>()
  return {
    read: (kind, namespace, name, signal) =>
      objects(keyOf(kind, namespace, name), signal, async () => {
        const object: unknown = await reader.read(kind, namespace, name, signal)
        return object === undefined ? undefined : copyObject(object, `${kind} ${name}`)
      }),
    ...(call && {
      call: (request, signal) =>
        answers(JSON.stringify(request), signal, async () =>
          asJson(await call.call(reader, request, signal), 'the answer'),
        ),
    }),
    ...(globalEntry && {
      globalEntry: (name, signal) =>
        entries(name, signal, async () => {
          const data = await globalEntry.call(reader, name, signal)
          return data === undefined ? undefined : asJson(data, name)
        }),
    }),
  }
}

function askOnce<T>(): (key: string, signal: AbortSignal, ask: () => Promise<T>) => Promise<T> {
  const asked = new Map<string, Promise<T>>()
  return (key, signal, ask) => {
    const answer = asked.get(key) ?? untilAborted(signal, ask)
    asked.set(key, answer)
    return answer
  }
}

function copyObject(object: unknown, what: string): JsonObject {
  const copy = asJson(object, what)
  if (!isJsonObject(copy)) throw new Error(`${what} was not given as an object`)
  return copy
}

function keyOf(kind: string, namespace: string | undefined, name: string): string {
  return JSON.stringify([kind, kind === 'Namespace' ? null : (namespace ?? null), name])
}
