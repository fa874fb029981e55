import { isJsonObject, isObject, type Json, type JsonObject, untilAborted, yieldIfDue } from '@verify-images/primitives'
import { LIMITS } from './limits.ts'
import { copyAnswer, copyObjectAnswer } from './request/copy-answer.ts'
import { copyJson } from './request/copy-json.ts'
import { VerifierError } from './verifier-error.ts'

/** The kinds of object that are read because a rule names them. */
export type ReadableKind = 'ConfigMap' | 'Namespace' | 'Secret'

/** The kinds of object that are listed, to find the roles of a requester. */
export type ListableKind = 'RoleBinding' | 'ClusterRoleBinding'

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
 * Reads what policies need from the cluster. Without one a rule that needs something from the cluster fails as a rule
 * error.
 *
 * An implementation decides what it allows. It should refuse paths and hosts it does not know, because a policy can
 * build them from the object under review. The message of an error that `read` throws appears in denials, as in
 * Kyverno; that of `call` does not.
 */
export interface KubernetesReader {
  /**
   * Returns the object, or undefined if it does not exist. Throws when the cluster could not be read. An object is
   * copied as JSON, so those of `@kubernetes/client-node` are fine.
   */
  read(
    kind: ReadableKind,
    namespace: string | undefined,
    name: string,
    signal: AbortSignal,
  ): Promise<object | undefined>
  /** Answers an `apiCall`; without this method every `apiCall` fails. Throws when the call failed. */
  call?(call: ApiCall, signal: AbortSignal): Promise<unknown>
  /** Returns the data of a GlobalContextEntry, or of one of its projections (`entry.projection`). */
  globalEntry?(name: string, signal: AbortSignal): Promise<unknown>
  /**
   * Returns all objects of a kind in the cluster; undefined if they are unknown. Called for rules that select by
   * `roles` or `clusterRoles` when a request does not state them. `metadata.namespace`, `roleRef` and `subjects` of
   * each are read. An informer's cache is a good source.
   */
  list?(kind: ListableKind, signal: AbortSignal): Promise<readonly object[] | undefined>
}

/** A reader whose answers were checked and copied. */
export interface CheckedReader {
  read(
    kind: ReadableKind,
    namespace: string | undefined,
    name: string,
    signal: AbortSignal,
  ): Promise<JsonObject | undefined>
  call?(call: ApiCall, signal: AbortSignal): Promise<Json>
  globalEntry?(name: string, signal: AbortSignal): Promise<Json | undefined>
  list?(kind: ListableKind, signal: AbortSignal): Promise<readonly JsonObject[] | undefined>
}

/**
 * Creates a reader over objects in memory, for tests, CI scripts and the CLI. They are copied as JSON, so instances of
 * a client's classes are fine.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID
 */
export function fixedObjects(objects: readonly object[]): KubernetesReader {
  if (!Array.isArray(objects) || !Array.from(objects, isJsonObject).every(Boolean))
    throw new VerifierError('VERIFIER_OPTIONS_INVALID', 'objects: expected an array of objects')
  const byKey = new Map<string, JsonObject>()
  for (const given of objects) {
    const object = copyObject(given)
    const { kind, metadata } = object
    const { name, namespace } = isJsonObject(metadata) ? metadata : {}
    if (typeof kind === 'string' && typeof name === 'string')
      byKey.set(keyOf(kind, typeof namespace === 'string' ? namespace : undefined, name), object)
  }
  const bindings = [...byKey.values()].filter(({ kind }) => kind === 'RoleBinding' || kind === 'ClusterRoleBinding')
  return {
    // Without any binding the requester's roles are unknown, which is not the same as none.
    list: (kind) =>
      Promise.resolve(bindings.length === 0 ? undefined : bindings.filter((binding) => binding['kind'] === kind)),
    read: (kind, namespace, name) =>
      Promise.resolve(byKey.get(keyOf(kind, namespace, name)) ?? byKey.get(keyOf(kind, undefined, name))),
  }
}

/**
 * Wraps a reader for one evaluation: each thing is read once, so that both phases see the same, and not beyond the
 * signal. Results are copied as JSON, with limits, because a reader may change them later and may pass on foreign data.
 */
export function readOnce(reader: KubernetesReader): CheckedReader {
  const { call, globalEntry, list } = reader
  const lists = askOnce<readonly JsonObject[] | undefined>()
  const objects = askOnce<JsonObject | undefined>()
  const answers = askOnce<Json>()
  const entries = askOnce<Json | undefined>()
  return {
    read: (kind, namespace, name, signal) =>
      objects(keyOf(kind, namespace, name), signal, async () => {
        const object: unknown = await reader.read(kind, namespace, name, signal)
        return object === undefined ? undefined : copyObjectAnswer(object, `${kind} ${name}`, signal)
      }),
    ...(call && {
      call: (request, signal) =>
        answers(JSON.stringify(request), signal, async () =>
          copyAnswer(await call.call(reader, request, signal), 'the answer', signal),
        ),
    }),
    ...(globalEntry && {
      globalEntry: (name, signal) =>
        entries(name, signal, async () => {
          const data = await globalEntry.call(reader, name, signal)
          return data === undefined ? undefined : copyAnswer(data, name, signal)
        }),
    }),
    ...(list && {
      list: (kind, signal) =>
        lists(kind, signal, async () => {
          const found = await list.call(reader, kind, signal)
          return found === undefined ? undefined : copyBindings(found, kind, signal)
        }),
    }),
  }
}

/** Copies what is read of bindings, one at a time: a cluster may have many, and most of each is not needed. */
async function copyBindings(found: unknown, kind: ListableKind, signal: AbortSignal): Promise<readonly JsonObject[]> {
  if (!Array.isArray(found)) throw new Error(`${kind}s: expected an array`)
  if (found.length > LIMITS.bindings)
    throw new Error(`${kind}s: expected at most ${String(LIMITS.bindings)}, got ${String(found.length)}`)
  const copies: JsonObject[] = []
  for (const each of found) {
    await yieldIfDue(signal)
    const binding: unknown = each
    if (!isObject(binding)) throw new Error(`${kind}: expected an object`)
    const { metadata, roleRef, subjects = null } = binding
    const namespace = isObject(metadata) ? (metadata['namespace'] ?? null) : null
    copies.push(await copyObjectAnswer({ metadata: { namespace }, roleRef, subjects }, kind, signal))
  }
  return copies
}

function askOnce<T>(): (key: string, signal: AbortSignal, ask: () => Promise<T>) => Promise<T> {
  const asked = new Map<string, Promise<T>>()
  return (key, signal, ask) => {
    const answer = asked.get(key) ?? untilAborted(signal, ask)
    asked.set(key, answer)
    return answer
  }
}

/** Copies an object of the caller as JSON carries it. @throws VerifierError VERIFIER_RESOURCE_INVALID */
function copyObject(object: object): JsonObject {
  const copy = copyJson(JSON.parse(JSON.stringify(object)), 'an object')
  if (!isJsonObject(copy)) throw new VerifierError('VERIFIER_OPTIONS_INVALID', 'objects: expected an array of objects')
  return copy
}

function keyOf(kind: string, namespace: string | undefined, name: string): string {
  return JSON.stringify([kind, kind === 'Namespace' ? null : (namespace ?? null), name])
}
