import { yieldIfDue, type DifferenceRow } from '@verify-images/primitives'
import type { ExtractedImage } from '@verify-images/image-matcher'
import { effectiveEntry, type ImageVerification, type Policy } from '@verify-images/policy-parser'
import { checksImages } from '../compile-policy.ts'
import type { PreparedRule, RuleHandler } from '../evaluate-rule.ts'
import type { Evaluation } from '../evaluation.ts'
import { isFixedImage } from '../unchanged-object.ts'
import { onlyOurs, type RefusingFinding, type RuleFinding } from '../rule-finding.ts'
import { differenceOf, entryMatcher, type EntryMatcher } from './rule-images.ts'
import type { RecordedStatus, VerificationRecord } from './verification-record.ts'

/** What the mutating phase leaves to the validating phase. */
export interface MutatingPhase {
  readonly record: VerificationRecord
  /** Whether all that kept a rule from accepting were checks that could not be made. */
  readonly isInconclusive: (policy: Policy, rule: string) => boolean
  /** Whether a rule ended before all its entries were evaluated: what the others verified until then does not count. */
  readonly isUnfinished: (policy: Policy, rule: string) => boolean
  /** The row of docs/differences.md by which an image was refused, where only we refused it. */
  readonly differenceOf: (policy: Policy, rule: string, image: string) => DifferenceRow | undefined
}

/**
 * Creates the handler of the validating phase: of the patched object, is the digest there, and was the image verified?
 * No network.
 */
export function imageChecker(mutating: MutatingPhase): RuleHandler {
  return {
    phase: 'validate',
    handles: checksImages,
    handle: async (evaluation, prepared) => ({
      rule: prepared.rule.name,
      findings: await checkRule(evaluation, prepared, mutating),
    }),
  }
}

/** An entry at an image that it matches. */
interface Check {
  readonly entry: ImageVerification
  readonly image: ExtractedImage
  /** Whether Kyverno makes this check, too. */
  readonly kyverno: boolean
}

type StatusOf = (image: string) => RecordedStatus | undefined

/**
 * Returns at most one finding for a rule, as Kyverno does: the first failure, else a summary.
 *
 * The same checks are made twice, as Kyverno makes them and as we do: we check more images, and trust less of what is
 * recorded about them. Kyverno's failure comes first, then ours, then Kyverno's summary.
 */
async function checkRule(
  evaluation: Evaluation,
  prepared: PreparedRule,
  mutating: MutatingPhase,
): Promise<readonly RuleFinding[]> {
  const {
    request: { operation, object },
    settings: { compatibility, kyverno },
  } = evaluation
  if (operation === 'DELETE') return []
  const { policy, rule, images } = prepared
  const { record } = mutating
  const scope = { policy: policy.policy, rule: rule.name }
  const kyvernoStatus: StatusOf = (image) =>
    record.replacesAnnotations ? record.kyvernoStatusOf(scope, image) : kyverno.readScopedRecord(object, scope, image)
  const isUnfinished = mutating.isUnfinished(policy.policy, rule.name)
  const verified: StatusOf = (image) => (isUnfinished ? undefined : record.statusOf(scope, image))
  const checks = await checksOf((rule.verifyImages ?? []).map(effectiveEntry), images.all, (entry) =>
    entryMatcher(entry, compatibility.matchOneSpellingOnly),
  )
  const checksOfKyverno = checks.filter(({ kyverno }) => kyverno)
  const isFixed = ({ pointer }: ExtractedImage): boolean => isFixedImage(evaluation.request, pointer)
  const inconclusive = mutating.isInconclusive(policy.policy, rule.name)

  const failure = firstFailure(checksOfKyverno, kyvernoStatus, isFixed)
  if (failure !== undefined) return [findingOf(failure, inconclusive)]
  const summary = images.matched.some(({ seenByKyverno }) => seenByKyverno)
    ? summaryOf(checksOfKyverno, kyvernoStatus)
    : undefined
  const ours = firstFailure(checks, compatibility.trustRecordsInAnnotations ? kyvernoStatus : verified, isFixed)
  if (ours === undefined) return summary === undefined ? [] : [summary]
  return [
    onlyOurs(findingOf(ours, inconclusive), {
      kyverno: summary?.status ?? 'nothing',
      difference: differenceIn(ours.check, prepared, mutating),
    }),
  ]
}

function differenceIn(
  { image, kyverno }: Check,
  { policy: { policy }, rule }: PreparedRule,
  { record, differenceOf: ofMutatingPhase }: MutatingPhase,
): DifferenceRow {
  if (!kyverno) return differenceOf(image)
  const { reference } = image.reference
  return (
    ofMutatingPhase(policy, rule.name, reference) ??
    (record.statusOf({ policy, rule: rule.name }, reference) === undefined ? 'S3' : 'S4')
  )
}

async function checksOf(
  entries: readonly ImageVerification[],
  images: readonly ExtractedImage[],
  matcherOf: (entry: ImageVerification) => EntryMatcher,
): Promise<readonly Check[]> {
  const checks: Check[] = []
  for (const entry of entries) {
    const match = matcherOf(entry)
    for (const image of images) {
      // Without the signal: a check that is not made after the deadline would be an error, which need not block.
      await yieldIfDue()
      const { ours, kyverno } = match(image)
      if (ours) checks.push({ entry, image, kyverno })
    }
  }
  return checks
}

interface Failure {
  readonly check: Check
  readonly kind: 'digest-missing' | 'image-unverified'
}

function firstFailure(
  checks: readonly Check[],
  statusOf: StatusOf,
  isFixed: (image: ExtractedImage) => boolean,
): Failure | undefined {
  for (const check of checks) {
    const {
      entry: { verifyDigest, required, mutateDigest },
      image,
      image: {
        reference: { reference, digest },
      },
    } = check
    if (verifyDigest && digest === '' && !(mutateDigest && isFixed(image))) return { check, kind: 'digest-missing' }
    if (required && (statusOf(reference) ?? 'fail') === 'fail') return { check, kind: 'image-unverified' }
  }
  return undefined
}

const CODES = { 'digest-missing': 'VERIFIER_DIGEST_MISSING', 'image-unverified': 'VERIFIER_IMAGE_UNVERIFIED' } as const

function findingOf({ check: { image }, kind }: Failure, inconclusive: boolean): RefusingFinding {
  const { reference } = image.reference
  const message =
    kind === 'digest-missing' ? `${reference} has no digest` : `no rule verified ${reference} in this evaluation`
  return { kind, image: reference, reason: { code: CODES[kind], message, image: reference }, inconclusive }
}

type Summary = Extract<RuleFinding, { kind: 'images-checked' }>

/** Counts images once per entry and place, as Kyverno does. */
function summaryOf(checks: readonly Check[], statusOf: StatusOf): Summary {
  const required = checks.filter(({ entry }) => entry.required).map(({ image }) => image.reference.reference)
  const skipped = required.filter((image) => statusOf(image) === 'skip')
  const status = skipped.length > 0 && skipped.length === required.length ? 'skip' : 'pass'
  return { kind: 'images-checked', status, skipped }
}
