import type { Json, JsonObject } from '@verify-images/policy-parser'

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
 * build them from the object that is being judged.
 */
export interface KubernetesReader {
  /** The object, or undefined when the cluster says that there is none. Throws when the cluster could not be asked. */
  read(kind: ReadableKind, namespace: string | undefined, name: string, signal: AbortSignal): Promise<JsonObject | undefined>
  /** Answers an `apiCall`; without this method every `apiCall` fails. Throws when the call failed. */
  call?(call: ApiCall, signal: AbortSignal): Promise<Json>
  /** The data of a GlobalContextEntry, or of one of its projections (`entry.projection`). */
  globalEntry?(name: string, signal: AbortSignal): Promise<Json | undefined>
}

/** A reader over objects that are already in memory, as a test, a CI script or the CLI has them. */
export function fixedObjects(objects: readonly JsonObject[]): KubernetesReader {
  const byKey = new Map<string, JsonObject>()
  for (const object of objects) {
    const { name, namespace } = (object['metadata'] ?? {}) as JsonObject
    const kind = object['kind']
    if (typeof kind === 'string' && typeof name === 'string') byKey.set(keyOf(kind, typeof namespace === 'string' ? namespace : undefined, name), object)
  }
  return {
    read: (kind, namespace, name) => Promise.resolve(byKey.get(keyOf(kind, namespace, name)) ?? byKey.get(keyOf(kind, undefined, name))),
  }
}

/** The same reader, asking for each object once. */
export function readOnce(reader: KubernetesReader): KubernetesReader {
  const asked = new Map<string, Promise<JsonObject | undefined>>()
  return {
    read: (kind, namespace, name, signal) => {
      const key = keyOf(kind, namespace, name)
      const present = asked.get(key)
      if (present !== undefined) return present
      // A reader that throws instead of rejecting must not get out of the evaluation either.
      const answer = Promise.resolve().then(() => reader.read(kind, namespace, name, signal))
      asked.set(key, answer)
      return answer
    },
    ...(reader.call ? { call: reader.call.bind(reader) } : {}),
    ...(reader.globalEntry ? { globalEntry: reader.globalEntry.bind(reader) } : {}),
  }
}

function keyOf(kind: string, namespace: string | undefined, name: string): string {
  return JSON.stringify([kind, kind === 'Namespace' ? null : namespace ?? null, name])
}
