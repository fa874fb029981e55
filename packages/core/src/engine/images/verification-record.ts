import type { Policy } from '@verify-images/policy-parser'

export type RecordedStatus = 'pass' | 'fail' | 'skip'

/** The policy and rule that a record belongs to. */
export interface RecordScope {
  /** The very policy: two of one name do not vouch for each other. */
  readonly policy: Policy
  readonly rule: string
}

/** Status by image. */
export type ImageStatuses = ReadonlyMap<string, RecordedStatus>

/** What the annotations of the object show: by image, and by policy and rule. */
export interface ShownRecord {
  readonly byImage: ImageStatuses
  readonly byPolicy: ReadonlyMap<Policy, ReadonlyMap<string, ImageStatuses>>
}

/** What one entry records of an image, here and in Kyverno; undefined if it records nothing. */
export interface RecordedPair {
  readonly ours: RecordedStatus | undefined
  readonly kyverno: RecordedStatus | undefined
}

type StatusesByRule = Map<string, Map<string, RecordedStatus>>

/**
 * Which images were verified in this request, by policy and rule, here and in Kyverno.
 *
 * The validating phase trusts this record in memory and not the annotations that show it: whoever may write the object
 * may write an annotation (S3). The annotations show what Kyverno would write, and our refusals.
 *
 * @see Kyverno, pkg/engine/api/imageverifymetadata.go
 */
export class VerificationRecord {
  readonly #ours = new Map<Policy, StatusesByRule>()
  readonly #kyverno = new Map<Policy, StatusesByRule>()
  readonly #shown = new Map<Policy, StatusesByRule>()
  readonly #shownByImage = new Map<string, RecordedStatus>()
  /** By the reference that an image has in the object: itself, and its pinned form. */
  readonly #names = new Map<string, Set<string>>()

  /**
   * @param reference the image as the object has it
   * @param image what it is recorded as: its pinned form, where the entry pins it
   */
  note(
    { policy, rule }: RecordScope,
    reference: string,
    { ours, kyverno }: RecordedPair,
    image: string = reference,
  ): void {
    const names = this.#names.get(reference) ?? new Set([reference])
    this.#names.set(reference, names.add(image))
    if (ours !== undefined) {
      // An entry that skips the image, or pins it and passes, must not hide the failure of another (S4).
      const statuses = statusesOf(this.#ours, policy, rule)
      const kept = [...names].some((name) => statuses.get(name) === 'fail') ? 'fail' : ours
      for (const name of names) keepFailures(statuses, name, kept)
    }
    // In Kyverno the last entry counts.
    if (kyverno !== undefined) statusesOf(this.#kyverno, policy, rule).set(image, kyverno)
    const shown = ours === 'fail' ? ours : kyverno
    if (shown === undefined) return
    keepFailures(statusesOf(this.#shown, policy, rule), image, shown)
    keepFailures(this.#shownByImage, image, shown)
  }

  /** Notes an image under the reference that it had before it was pinned. Kyverno shows it by image only. */
  noteSkippedByName(image: string): void {
    keepFailures(this.#shownByImage, image, 'skip')
  }

  statusOf({ policy, rule }: RecordScope, image: string): RecordedStatus | undefined {
    return this.#ours.get(policy)?.get(rule)?.get(image)
  }

  /** What Kyverno would have recorded; see {@link replacesAnnotations}. */
  kyvernoStatusOf({ policy, rule }: RecordScope, image: string): RecordedStatus | undefined {
    return this.#kyverno.get(policy)?.get(rule)?.get(image)
  }

  /** Whether annotations are written, in place of those that the object has. */
  get replacesAnnotations(): boolean {
    return this.#shownByImage.size > 0
  }

  get shown(): ShownRecord {
    return { byImage: this.#shownByImage, byPolicy: this.#shown }
  }
}

function statusesOf(statuses: Map<Policy, StatusesByRule>, policy: Policy, rule: string): Map<string, RecordedStatus> {
  const ofPolicy = statuses.get(policy) ?? new Map<string, Map<string, RecordedStatus>>()
  statuses.set(policy, ofPolicy)
  const ofRule = ofPolicy.get(rule) ?? new Map<string, RecordedStatus>()
  ofPolicy.set(rule, ofRule)
  return ofRule
}

function keepFailures(statuses: Map<string, RecordedStatus>, image: string, status: RecordedStatus): void {
  if (statuses.get(image) !== 'fail') statuses.set(image, status)
}
