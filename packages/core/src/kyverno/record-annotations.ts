import type { Policy } from '@verify-images/policy-parser'
import {
  isJsonObject,
  isObject,
  ownMember,
  parseStrictJson,
  type Json,
  type JsonObject,
} from '@verify-images/primitives'
import type { RecordedStatus, RecordScope, ShownRecord } from '../engine/images/verification-record.ts'
import { objectOf } from '../request/copy-json.ts'
import { escapePointerToken, type JsonPatchOperation } from '../request/json-patch.ts'

const BY_IMAGE = 'kyverno.io/verify-images'
const SCOPED = 'kyverno.io/verify-images-scoped'

/** The annotations in which Kyverno records what it has verified. */
const RECORD_ANNOTATIONS: readonly string[] = [BY_IMAGE, SCOPED]

/** Returns the annotations as `add` patches, which replace what a user may have written there. */
export function annotationPatches({ byImage, byPolicy }: ShownRecord, resource: JsonObject): JsonPatchOperation[] {
  if (byImage.size === 0) return []
  const metadata = resource['metadata']
  const annotated = isObject(metadata) && isObject(metadata['annotations'])
  // Two policies of one name have one key; in Kyverno they do not exist.
  const byKey = new Map<string, Map<string, Map<string, RecordedStatus>>>()
  for (const [policy, rules] of byPolicy) {
    const ofKey = byKey.get(scopedKey(policy)) ?? new Map<string, Map<string, RecordedStatus>>()
    byKey.set(scopedKey(policy), ofKey)
    for (const [rule, images] of rules) ofKey.set(rule, merged(ofKey.get(rule), images))
  }
  const values: readonly (readonly [string, unknown])[] = [
    [BY_IMAGE, sortedObject(byImage, (status) => status)],
    [
      SCOPED,
      {
        version: 1,
        policies: sortedObject(byKey, (rules) => sortedObject(rules, (images) => sortedObject(images, (same) => same))),
      },
    ],
  ]
  return [
    ...(isObject(metadata) ? [] : [{ op: 'add', path: '/metadata', value: {} } as const]),
    ...(annotated ? [] : [{ op: 'add', path: '/metadata/annotations', value: {} } as const]),
    ...values.map(([name, value]): JsonPatchOperation => ({
      op: 'add',
      path: `/metadata/annotations/${escapePointerToken(name)}`,
      value: JSON.stringify(value),
    })),
  ]
}

/** Returns an object without the record. */
export function withoutRecord(object: JsonObject): JsonObject {
  const { metadata } = object
  const annotations = isJsonObject(metadata) ? metadata['annotations'] : undefined
  if (!isJsonObject(metadata) || !isJsonObject(annotations)) return object
  const kept: JsonObject = objectOf(Object.entries(annotations).filter(([name]) => !RECORD_ANNOTATIONS.includes(name)))
  return { ...object, metadata: { ...metadata, annotations: kept } }
}

/** `<namespace>/<name>`, or `/<name>` for a ClusterPolicy. */
function scopedKey({ namespace = '', name }: Policy): string {
  return `${namespace}/${name}`
}

function merged(
  earlier: ReadonlyMap<string, RecordedStatus> = new Map(),
  later: ReadonlyMap<string, RecordedStatus>,
): Map<string, RecordedStatus> {
  const failed = [...earlier].filter(([, status]) => status === 'fail')
  return new Map([...earlier, ...later, ...failed])
}

function sortedObject<V, R>(map: ReadonlyMap<string, V>, convert: (value: V) => R): Readonly<Record<string, R>> {
  const sorted = [...map].sort(([a], [b]) => (a < b ? -1 : 1))
  const result: Record<string, R> = {}
  // Defined, because an assignment to `__proto__` sets no member.
  for (const [key, value] of sorted) Object.defineProperty(result, key, { value: convert(value), enumerable: true })
  return result
}

/**
 * Returns what the annotation of an object records. Whoever may write the object may write it, so it is evidence only
 * for an embedder who asks for that.
 */
export function readScopedRecord(
  object: JsonObject | undefined,
  { policy, rule }: RecordScope,
  image: string,
): RecordedStatus | undefined {
  let at = object && recordOf(object)
  for (const key of ['policies', scopedKey(policy), rule, image]) at = ownMember(at, key)
  return at === 'pass' || at === 'skip' || at === 'fail' ? at : undefined
}

/** Annotations are parsed once per object, not for each image and entry. */
const records = new WeakMap<JsonObject, { readonly record: Json | undefined }>()

function recordOf(object: JsonObject): Json | undefined {
  const known = records.get(object) ?? { record: parseRecord(object) }
  records.set(object, known)
  return known.record
}

function parseRecord(object: JsonObject): Json | undefined {
  const text = ownMember(ownMember(ownMember(object, 'metadata'), 'annotations'), SCOPED)
  if (typeof text !== 'string') return undefined
  try {
    const record = parseStrictJson(Buffer.from(text))
    return ownMember(record, 'version') === 1 ? record : undefined
  } catch {
    return undefined
  }
}
