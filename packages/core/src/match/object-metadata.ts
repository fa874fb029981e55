import type { Json, JsonObject } from '@verify-images/policy-parser'
import type { GroupVersionKind } from './match-request.ts'

/** What of an object can be matched. What has the wrong type counts as missing, as for Kubernetes' untyped objects. */
export interface ObjectMetadata {
  readonly kind: string
  readonly name: string
  /** What a name is to be generated from, where there is no name yet. */
  readonly generateName: string
  readonly namespace: string
  readonly labels: ReadonlyMap<string, string>
  readonly annotations: ReadonlyMap<string, string>
}

export function metadataOf(object: JsonObject, requestNamespace: string | undefined): ObjectMetadata {
  const metadata = objectAt(object, 'metadata')
  const kind = textAt(object, 'kind')
  return {
    kind,
    name: textAt(metadata, 'name'),
    generateName: textAt(metadata, 'generateName'),
    namespace: textAt(metadata, 'namespace') || (kind === 'Namespace' ? '' : (requestNamespace ?? '')),
    labels: textsAt(metadata, 'labels'),
    annotations: textsAt(metadata, 'annotations'),
  }
}

/** The kind of an object; all parts are empty when its `apiVersion` has more than one slash. */
export function groupVersionKindOf(object: JsonObject): GroupVersionKind {
  const parts = textAt(object, 'apiVersion').split('/')
  const kind = textAt(object, 'kind')
  if (parts.length > 2) return { group: '', version: '', kind: '' }
  const [version = '', group = ''] = parts.reverse()
  return { group, version, kind }
}

function valueAt(object: JsonObject, key: string): Json | undefined {
  return isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined
}

function textAt(object: JsonObject, key: string): string {
  const value = valueAt(object, key)
  return typeof value === 'string' ? value : ''
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = valueAt(object, key)
  return isObject(value) ? value : {}
}

/** A null is an empty text; one member of any other type spoils the whole map. */
function textsAt(object: JsonObject, key: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const [name, text] of Object.entries(objectAt(object, key))) {
    if (text !== null && typeof text !== 'string') return new Map()
    texts.set(name, text ?? '')
  }
  return texts
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
