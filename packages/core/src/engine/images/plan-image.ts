import { compileImagePatterns, skipsImage } from '@verify-images/image-matcher'
import type { ImageVerification } from '@verify-images/policy-parser'
import type { Kyverno } from '../ports.ts'
import type { AdmissionRequest } from '../../request/admission-request.ts'
import { valueAt } from '../../request/json-patch.ts'
import type { CompatibilityOptions } from '../../settings.ts'
import type { EntryMatch, RuleImage } from './rule-images.ts'
import type { RecordScope } from './verification-record.ts'

/**
 * What an entry of a rule does with an image in the mutating phase:
 * - `ignore`: nothing
 * - `trust-record`: takes it for verified, since an UPDATE leaves it unchanged and the old object records it as
 *   verified
 * - `pin`: the entry asks for no signature, so the image is at most pinned
 * - `skip`: the entry does not match the image
 * - `skip-by-name`: `skipImageReferences` match it
 * - `verify`: verifies what the entry asks for
 */
export type ImagePlan = 'ignore' | 'trust-record' | 'pin' | 'skip' | 'skip-by-name' | 'verify'

/** The plan of Kyverno, and ours. Kyverno's decides on rows, annotations and patches, ours on what is trusted. */
export interface ImagePlans {
  readonly kyverno: ImagePlan
  readonly ours: ImagePlan
}

/** What an image is planned by. */
export interface PlanInput {
  readonly entry: ImageVerification
  readonly image: RuleImage
  readonly match: EntryMatch
  readonly request: AdmissionRequest
  readonly scope: RecordScope
  readonly compatibility: CompatibilityOptions
  readonly readScopedRecord: Kyverno['readScopedRecord']
}

/** Plans one image as Kyverno does and as we do: one function, two views of the same facts. */
export function planImage(input: PlanInput): ImagePlans {
  const { entry, image, match, compatibility } = input
  const recorded = image.seenByKyverno && isRecordedUnchanged(input)
  const skipped = match.ours && skipsImage(compileImagePatterns(entry.skipImageReferences ?? []), image.image.reference)
  const plan = (view: View): ImagePlan => planUnder(view, { asks: asksForVerification(entry), skipped })
  return {
    kyverno: plan({ sees: image.seenByKyverno, trustsRecord: recorded, matches: match.kyverno }),
    ours: plan({
      // Another entry of the rule matches an image that Kyverno does not see; this one has nothing to do with it.
      sees: image.seenByKyverno || match.ours || !asksForVerification(entry),
      trustsRecord: recorded && compatibility.trustRecordsInAnnotations === true,
      matches: match.ours,
    }),
  }
}

/** The facts of one view. */
interface View {
  readonly sees: boolean
  readonly trustsRecord: boolean
  readonly matches: boolean
}

/** Returns the plan of one view. As in Kyverno, the record is looked up before the entry is. */
function planUnder(
  { sees, trustsRecord, matches }: View,
  { asks, skipped }: { readonly asks: boolean; readonly skipped: boolean },
): ImagePlan {
  if (!sees) return 'ignore'
  if (trustsRecord) return 'trust-record'
  if (!asks) return 'pin'
  if (!matches) return 'skip'
  return skipped ? 'skip-by-name' : 'verify'
}

/** Returns whether an entry asks for signatures or attestations, and not only for digests. */
function asksForVerification({ attestors = [], attestations = [] }: ImageVerification): boolean {
  return attestors.length > 0 || attestations.length > 0
}

function isRecordedUnchanged({ request, scope, image, readScopedRecord }: PlanInput): boolean {
  const { operation, object, oldObject } = request
  const { pointer, reference } = image.image
  const before = valueAt(oldObject, pointer)
  if (operation !== 'UPDATE' || before === undefined || before !== valueAt(object, pointer)) return false
  const status = readScopedRecord(oldObject, scope, reference.reference)
  return status === 'pass' || status === 'skip'
}
