import { isJsonObject, type Json, type JsonObject, untilAborted } from '@verify-images/primitives'
import { LIMITS } from './limits.ts'
import { copyJson } from './request/copy-json.ts'
import { VerifierError } from './verifier-error.ts'

/** The kinds of object that are read because a rule names them. */
export type ReadableKind = 'ConfigMap' | 'Namespace' | 'Secret'

/** An `apiCall` context entry with its variables substituted. */
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
 * Reads what policies need from the cluster. Without one a rule that needs something from the cluster fails as a rule error.
 *
 * An implementation decides what it allows. It should refuse paths and hosts it does not know, because a policy can build
 * them from the object under review. The message of an error that `read` throws appears in denials, as in Kyverno; that of
 * `call` does not.
 */
export interface KubernetesReader {
  /** Returns the object, or undefined if it does not exist. Throws when the cluster could not be read. */
  read(
    kind: ReadableKind,
    namespace: string | undefined,
    name: string,
    signal: AbortSignal,
  ): Promise<JsonObject | undefined>
  /** Answers an `apiCall`; without this method every `apiCall` fails. Throws when the call failed. */
  call?(call: ApiCall, signal: AbortSignal): Promise<Json>
  /** Returns the data of a GlobalContextEntry, or of one of its projections (`entry.projection`). */
  globalEntry?(name: string, signal: AbortSignal): Promise<Json | undefined>
}

/**
 * Creates a reader over objects in memory, for tests, CI scripts and the CLI. They are copied as JSON, so instances of a
 * client's classes are fine.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID
 */
export function fixedObjects(objects: readonly object[]): KubernetesReader {
  if (!Array.isArray(objects) || !Array.from(objects, isJsonObject).every(Boolean))
    throw new VerifierError('VERIFIER_OPTIONS_INVALID', 'objects: expected an array of objects')
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
 * Wraps a reader for one evaluation: each thing is read once, so that both phases see the same, and not beyond the signal.
 * Results are copied as JSON, because a reader may change them later.
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
  if (!isJsonObject(copy)) throw new Error(`${what}: expected an object`)
  return copy
}

function keyOf(kind: string, namespace: string | undefined, name: string): string {
  return JSON.stringify([kind, kind === 'Namespace' ? null : (namespace ?? null), name])
}

/**
 * Copies what a reader returns, as JSON would carry it: instances of a client's classes and dates become plain data, and
 * nothing is shared with the reader.
 *
 * @throws Error for what JSON cannot hold; VerifierError when it is nested too deeply
 */
function asJson(value: unknown, what: string): Json {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new Error(`${what} is not JSON`)
  if (text.length > LIMITS.answerCharacters)
    throw new Error(`${what} has ${String(text.length)} characters, more than ${String(LIMITS.answerCharacters)}`)
  return copyJson(JSON.parse(text), what)
}
