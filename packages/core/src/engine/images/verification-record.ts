import type { ExtractedImage } from '@verify-images/image-matcher'
import type { JsonObject, Policy } from '@verify-images/policy-parser'
import type { AdmissionRequest } from '../../request/admission-request.ts'
import { isJsonObject } from '../../request/copy-json.ts'
import { escapePointerToken, valueAt, type JsonPatchOperation } from '../../request/json-patch.ts'

export type RecordedStatus = 'pass' | 'fail' | 'skip'

const LEGACY = 'kyverno.io/verify-images'
const SCOPED = 'kyverno.io/verify-images-scoped'

/** What Kyverno writes down about an object it has verified. */
export const RECORD_ANNOTATIONS: readonly string[] = [LEGACY, SCOPED]

/** The policy's key in the scoped record: `<namespace>/<name>`, `/<name>` for a ClusterPolicy. */
export interface RecordScope {
  /** The very policy: two of one name do not answer for each other. */
  readonly policy: Policy
  readonly policyKey: string
  readonly rule: string
}

export function recordScope(policy: Policy, rule: string): RecordScope {
  const { namespace = '', name } = policy
  return { policy, policyKey: `${namespace}/${name}`, rule }
}

/**
 * Which images were verified in this request, by policy and rule. This record in memory, not the annotation that shows
 * it, is what the validating phase trusts: anyone who may write the object may write the annotation (S3).
 *
 * What is shown is what upstream would write: it does not know of the images that only we look at.
 *
 * @see Kyverno, pkg/engine/api/imageverifymetadata.go
 */
export class VerificationRecord {
  readonly #trusted = new Map<Policy, Map<string, RecordedStatus>>()
  readonly #assumed = new Map<Policy, Map<string, RecordedStatus>>()
  readonly #byImage = new Map<string, RecordedStatus>()
  readonly #byScope = new Map<string, Map<string, Map<string, RecordedStatus>>>()

  /** Notes what the validating phase is to believe. A `fail` stays: an entry that does not concern the image must not hide it (S4). */
  trust(scope: RecordScope, image: string, status: RecordedStatus): void {
    keepFailures(
      entryOf(this.#trusted, scope.policy, () => new Map<string, RecordedStatus>()),
      keyOf(scope, image),
      status,
    )
  }

  /** Notes what upstream would believe in its second phase: the last word counts. */
  assume(scope: RecordScope, image: string, status: RecordedStatus): void {
    entryOf(this.#assumed, scope.policy, () => new Map<string, RecordedStatus>()).set(keyOf(scope, image), status)
  }

  /** Notes what the annotations are to show. */
  show({ policyKey, rule }: RecordScope, image: string, status: RecordedStatus): void {
    const rules = entryOf(this.#byScope, policyKey, () => new Map<string, Map<string, RecordedStatus>>())
    keepFailures(
      entryOf(rules, rule, () => new Map<string, RecordedStatus>()),
      image,
      status,
    )
    keepFailures(this.#byImage, image, status)
  }

  /** Notes an image as skipped in the older annotation only, as upstream does under the name it had before it was pinned. */
  showSkipped(image: string): void {
    keepFailures(this.#byImage, image, 'skip')
  }

  statusOf(scope: RecordScope, image: string): RecordedStatus | undefined {
    return this.#trusted.get(scope.policy)?.get(keyOf(scope, image))
  }

  /** What upstream would read in the patched object: what this request has noted stands in for what the object brought along. */
  upstreamStatusOf(scope: RecordScope, image: string, object: JsonObject | undefined): RecordedStatus | undefined {
    if (this.#byImage.size === 0) return readScopedRecord(object, scope, image)
    return this.#assumed.get(scope.policy)?.get(keyOf(scope, image))
  }

  /** The annotations, as `add` patches that replace what a user may have written there. */
  toPatches(resource: JsonObject): JsonPatchOperation[] {
    if (this.#byImage.size === 0) return []
    const metadata = resource['metadata']
    const annotated = isJsonObject(metadata) && isJsonObject(metadata['annotations'])
    const policies = sorted(this.#byScope, (rules) => sorted(rules, (images) => sorted(images, (status) => status)))
    const values: [string, unknown][] = [
      [LEGACY, sorted(this.#byImage, (status) => status)],
      [SCOPED, { version: 1, policies }],
    ]
    return [
      ...(isJsonObject(metadata) ? [] : [{ op: 'add', path: '/metadata', value: {} } as const]),
      ...(annotated ? [] : [{ op: 'add', path: '/metadata/annotations', value: {} } as const]),
      ...values.map(
        ([name, value]) =>
          ({
            op: 'add',
            path: `/metadata/annotations/${escapePointerToken(name)}`,
            value: JSON.stringify(value),
          }) as const,
      ),
    ]
  }
}

function keepFailures(map: Map<string, RecordedStatus>, key: string, status: RecordedStatus): void {
  if (map.get(key) !== 'fail') map.set(key, status)
}

function keyOf({ rule }: RecordScope, image: string): string {
  return JSON.stringify([rule, image])
}

function entryOf<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const present = map.get(key)
  if (present !== undefined) return present
  const created = create()
  map.set(key, created)
  return created
}

function sorted<V, R>(map: ReadonlyMap<string, V>, convert: (value: V) => R): Record<string, R> {
  const keys = [...map.keys()].sort((a, b) => (a < b ? -1 : 1))
  const result: Record<string, R> = {}
  for (const key of keys) {
    const value = map.get(key)
    if (value !== undefined) Object.defineProperty(result, key, { value: convert(value), enumerable: true })
  }
  return result
}

/** What the annotation of an object says, for an embedder who accepts records that a user could have written. */
export function readScopedRecord(
  object: JsonObject | undefined,
  scope: RecordScope,
  image: string,
): RecordedStatus | undefined {
  const metadata = object?.['metadata']
  const annotations = isJsonObject(metadata) ? metadata['annotations'] : undefined
  const text = isJsonObject(annotations) && Object.hasOwn(annotations, SCOPED) ? annotations[SCOPED] : undefined
  if (typeof text !== 'string') return undefined
  let at: unknown
  try {
    at = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isJsonObject(at) || at['version'] !== 1) return undefined
  for (const key of ['policies', scope.policyKey, scope.rule, image]) {
    if (!isJsonObject(at) || !Object.hasOwn(at, key)) return undefined
    at = at[key]
  }
  return at === 'pass' || at === 'skip' || at === 'fail' ? at : undefined
}

/** Whether an UPDATE leaves an image as it was, and the old object records it as verified or skipped for this rule. */
export function recordedUnchanged(
  { operation, object, oldObject }: AdmissionRequest,
  scope: RecordScope,
  { pointer, reference }: ExtractedImage,
): boolean {
  const before = valueAt(oldObject, pointer)
  if (operation !== 'UPDATE' || before === undefined || before !== valueAt(object, pointer)) return false
  const status = readScopedRecord(oldObject, scope, reference.reference)
  return status === 'pass' || status === 'skip'
}
