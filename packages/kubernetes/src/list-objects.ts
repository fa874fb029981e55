import { isJsonArray, isJsonObject, type JsonObject } from '@verify-images/primitives'
import type { ClusterClient } from './cluster-client.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { LIST_PAGE_ITEMS, MAX_CACHED_OBJECTS } from './limits.ts'

/** The objects of a list by {@link keyOf}, and the version of the list, from which a watch continues. */
export interface ObjectList {
  readonly objects: Map<string, JsonObject>
  readonly version: string
}

/**
 * Lists all objects at a path, page by page.
 *
 * @throws KubernetesError KUBERNETES_REQUEST_FAILED, KUBERNETES_ANSWER_INVALID
 */
export async function listObjects(client: ClusterClient, path: string, signal: AbortSignal): Promise<ObjectList> {
  const objects = new Map<string, JsonObject>()
  let next = ''
  for (;;) {
    const query = `?limit=${String(LIST_PAGE_ITEMS)}${next && `&continue=${encodeURIComponent(next)}`}`
    const page = await client.send({ method: 'GET', path: `${path}${query}` }, signal)
    const { items, metadata } = isJsonObject(page) ? page : {}
    if (!isJsonArray(items) || !isJsonObject(metadata) || typeof metadata['resourceVersion'] !== 'string')
      throw new KubernetesError('KUBERNETES_ANSWER_INVALID', 'expected a list')
    for (const item of items) if (isJsonObject(item)) objects.set(keyOf(item), item)
    checkCount(objects.size)
    next = typeof metadata['continue'] === 'string' ? metadata['continue'] : ''
    if (next === '') return { objects, version: metadata['resourceVersion'] }
  }
}

/** @throws KubernetesError KUBERNETES_ANSWER_INVALID for more objects than are kept in memory */
export function checkCount(objects: number): void {
  if (objects > MAX_CACHED_OBJECTS)
    throw new KubernetesError('KUBERNETES_ANSWER_INVALID', `expected at most ${String(MAX_CACHED_OBJECTS)} objects`)
}

/** Returns the key of an object among those of its kind. */
export function keyOf({ metadata }: JsonObject): string {
  const { namespace = '', name = '' } = isJsonObject(metadata) ? metadata : {}
  return JSON.stringify([namespace, name])
}
