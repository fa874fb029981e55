import type { ExtractedImage } from '@verify-images/image-matcher'
import { isRefusing, onlyOurs, reasonsOfFinding, type RefusingFinding, type RuleFinding } from '../rule-finding.ts'
import type { Check, EntryResult, EntryTask } from './evaluate-entry.ts'
import { digestForm } from './image-subject.ts'
import { isFixedImage } from '../unchanged-object.ts'
import type { Mutations } from './mutations.ts'
import { pinDigest } from './pin-digest.ts'
import type { ImagePlan, ImagePlans } from './plan-image.ts'
import { differenceOf, type RuleImage } from './rule-images.ts'
import type { RecordedStatus } from './verification-record.ts'

/**
 * Pins the digest if the entry asks for it, and records the result of the entry. Returns Kyverno's findings in
 * Kyverno's order, and ours where only we refuse.
 */
export async function recordEntry(
  task: EntryTask,
  { image }: RuleImage,
  { plans, check }: EntryResult,
  mutations: Mutations,
): Promise<readonly RuleFinding[]> {
  const {
    rule,
    prepared: { policy },
  } = task
  const { reference } = image.reference
  const accepted = check?.kind === 'accepted' ? check : undefined
  const pin = pins(task, image, plans)
    ? await pinDigest(image, accepted?.digest, task.source, task.evaluation.signal)
    : undefined
  if (pin?.kind === 'pinned') mutations.addPatch(pin.patch)
  const own = findingOf(image, plans, { check, isPinned: pin?.kind === 'pinned' })
  const findings: readonly RuleFinding[] = [
    ...(pin?.kind === 'unresolved'
      ? [{ kind: 'digest-unresolved', image: reference, reason: pin.reason, cause: pin.cause } as const]
      : []),
    ...(own === undefined ? [] : [own]),
  ]
  const ours = statusUnder(plans.ours, check?.kind)
  const digest = accepted?.digest ?? (pin?.kind === 'pinned' ? pin.digest : undefined)
  mutations.record.note(
    { policy: policy.policy, rule: rule.name },
    reference,
    { ours, kyverno: statusUnder(plans.kyverno, checkOfKyverno(check)) },
    pin?.kind === 'pinned' ? digestForm(image.reference, pin.digest) : reference,
  )
  if (plans.kyverno === 'skip-by-name') mutations.record.noteSkippedByName(reference)
  mutations.noteImage(
    image,
    findings.some(isRefusing) ? 'failed' : ours === 'pass' ? 'verified' : 'unchecked',
    digest,
    accepted?.evidence ?? [],
  )
  return findings
}

/**
 * Returns whether to pin the image. Kyverno pins whatever the result of the verification; a denied request is not
 * patched. A patch that the API server
 * must refuse is not made (`upd-fixed-image`).
 */
function pins(
  { entry, evaluation }: EntryTask,
  { reference, pointer }: ExtractedImage,
  { kyverno, ours }: ImagePlans,
): boolean {
  if (isFixedImage(evaluation.request, pointer)) return false
  return entry.mutateDigest && kyverno !== 'trust-record' && ours !== 'ignore' && reference.digest === ''
}

/** Returns the status that a plan records of an image. An entry that asks for no verification records none. */
function statusUnder(plan: ImagePlan, check: Check['kind'] | undefined): RecordedStatus | undefined {
  switch (plan) {
    case 'ignore':
    case 'pin':
      return undefined
    case 'trust-record':
      return 'pass'
    case 'skip':
    case 'skip-by-name':
      return 'skip'
    case 'verify':
      return check === 'accepted' ? 'pass' : 'fail'
  }
}

/** Returns the result of the check in Kyverno, if Kyverno makes it. */
function checkOfKyverno(check: Check | undefined): Check['kind'] | undefined {
  const onlyWeRefuse =
    check?.kind === 'refused' && reasonsOfFinding(check.finding).some(({ difference }) => difference !== undefined)
  return onlyWeRefuse ? 'accepted' : check?.kind
}

interface EntryWork {
  readonly check: Check | undefined
  readonly isPinned: boolean
}

/** Returns our refusal, else Kyverno's finding. */
function findingOf(image: ExtractedImage, plans: ImagePlans, { check, isPinned }: EntryWork): RuleFinding | undefined {
  if (check?.kind === 'refused') return refusalOf(check.finding, image, plans.kyverno, isPinned)
  const { reference } = image.reference
  switch (plans.kyverno) {
    case 'skip':
    case 'skip-by-name':
      return { kind: 'image-skipped', image: reference, byName: plans.kyverno === 'skip-by-name' }
    case 'pin':
      return isPinned ? { kind: 'image-pinned', image: reference } : undefined
    case 'verify':
      return check?.finding
    case 'ignore':
    case 'trust-record':
      return undefined
  }
}

function refusalOf(
  finding: RefusingFinding,
  image: ExtractedImage,
  kyverno: ImagePlan,
  isPinned: boolean,
): RefusingFinding {
  switch (kyverno) {
    case 'verify':
      return finding
    case 'pin':
      return isPinned ? onlyOurs(finding, { kyverno: 'pass', difference: undefined }) : finding
    case 'skip':
    case 'skip-by-name':
      return onlyOurs(finding, { kyverno: 'skip', difference: differenceOf(image) })
    case 'ignore':
      return onlyOurs(finding, { kyverno: 'nothing', difference: differenceOf(image) })
    case 'trust-record':
      return onlyOurs(finding, { kyverno: 'nothing', difference: 'S3' })
  }
}
