import { isJsonObject, type Json, type JsonObject } from '@verify-images/primitives'
import type { GroupVersionKind } from './match-request.ts'

/** The metadata that match blocks compare. As in Kubernetes, a member of the wrong type counts as missing. */
export interface ObjectMetadata {
  readonly kind: string
  readonly name: string
  /** The prefix for a generated name, compared when there is no name yet. */
  readonly generateName: string
  readonly namespace: string
  readonly labels: ReadonlyMap<string, string>
  readonly annotations: ReadonlyMap<string, string>
}

/** Returns the metadata of an object; one without a namespace is in that of the request. */
export function metadataOf(object: JsonObject, requestNamespace: string | undefined): ObjectMetadata {
  const metadata = objectAt(object, 'metadata')
  const kind = stringAt(object, 'kind')
  return {
    kind,
    name: stringAt(metadata, 'name'),
    generateName: stringAt(metadata, 'generateName'),
    namespace: stringAt(metadata, 'namespace') || (kind === 'Namespace' ? '' : (requestNamespace ?? '')),
    labels: stringsAt(metadata, 'labels'),
    annotations: stringsAt(metadata, 'annotations'),
  }
}

/** Returns the kind of an object; all parts are empty if its `apiVersion` has more than one slash. */
export function groupVersionKindOf(object: JsonObject): GroupVersionKind {
  const parts = stringAt(object, 'apiVersion').split('/')
  const kind = stringAt(object, 'kind')
  if (parts.length > 2) return { group: '', version: '', kind: '' }
  const [version = '', group = ''] = parts.reverse()
  return { group, version, kind }
}

function valueAt(object: JsonObject, key: string): Json | undefined {
  return isJsonObject(object) && Object.hasOwn(object, key) ? object[key] : undefined
}

function stringAt(object: JsonObject, key: string): string {
  const value = valueAt(object, key)
  return typeof value === 'string' ? value : ''
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = valueAt(object, key)
  return isJsonObject(value) ? value : {}
}

/** As in Kubernetes, null is the empty string, and a member of any other type makes the whole map count as missing. */
function stringsAt(object: JsonObject, key: string): ReadonlyMap<string, string> {
  const strings = new Map<string, string>()
  for (const [name, value] of Object.entries(objectAt(object, key))) {
    if (value !== null && typeof value !== 'string') return new Map()
    strings.set(name, value ?? '')
  }
  return strings
}
