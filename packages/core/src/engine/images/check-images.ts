import type { Reason } from '@verify-images/attestor-evaluator'
import type { ExtractedImage } from '@verify-images/image-matcher'
import { effectiveEntry, type ImageVerification, type Policy } from '@verify-images/policy-parser'
import { checksImages } from '../compile-policy.ts'
import type { PreparedRule, RuleHandler } from '../evaluate-rule.ts'
import type { Evaluation } from '../evaluation.ts'
import { entryMatcher, type EntryMatcher } from './rule-images.ts'
import { strictRow } from './upstream-view.ts'
import { failed, onlyOurs, passed, skipped, type RuleResponse } from '../../kyverno/rule-response.ts'
import { recordScope, type RecordedStatus, type VerificationRecord } from './verification-record.ts'

/** What the first phase leaves to the second. */
export interface FirstPhase {
  readonly record: VerificationRecord
  /** Whether all that kept a rule from accepting were checks that could not be made. */
  readonly doubtful: (policy: Policy, rule: string) => boolean
  /**
   * Whether a rule came to an end before all its entries were asked: what the others have verified until then does not
   * speak for it.
   */
  readonly unfinished: (policy: Policy, rule: string) => boolean
  /** The row of docs/differences.md by which an image was refused, where only we refuse it. */
  readonly strictRow: (policy: Policy, rule: string, image: string) => string | undefined
}

/** The second phase: of the patched object, is the digest there, and was the image verified? No network. */
export function imageChecker(first: FirstPhase): RuleHandler {
  return {
    phase: 'validate',
    typeOfRule: 'Validation',
    typeOfSkip: 'Validation',
    concerns: checksImages,
    handle: (evaluation, prepared) => Promise.resolve(checkRule(evaluation, prepared, first)),
  }
}

/** An entry at one image, where the one is about the other. */
interface Check {
  readonly entry: ImageVerification
  readonly image: ExtractedImage
  /** Whether upstream makes this check, too. */
  readonly upstream: boolean
}

/**
 * One response for a rule, as upstream has it: the first failure, else a summary.
 *
 * We check more images than upstream, and believe less of what was noted about them. Where only we fail, the response says
 * why; where we do not, it is upstream's, which is none where it looks at no image.
 */
function checkRule(
  evaluation: Evaluation,
  { policy, rule, images }: PreparedRule,
  { record, doubtful, unfinished, strictRow: rowOf }: FirstPhase,
): readonly RuleResponse[] {
  const {
    request: { operation, object },
    settings: { compatibility },
  } = evaluation
  if (operation === 'DELETE') return []
  const scope = recordScope(policy.policy, rule.name)
  const assumed = (image: string): RecordedStatus | undefined => record.upstreamStatusOf(scope, image, object)
  const verified = (image: string): RecordedStatus | undefined =>
    unfinished(policy.policy, rule.name) ? undefined : record.statusOf(scope, image)
  const believed = compatibility.trustRecordsInAnnotations ? assumed : verified
  const checks = checksOf((rule.verifyImages ?? []).map(effectiveEntry), images.all, (entry) =>
    entryMatcher(entry, compatibility.matchOneSpellingOnly),
  )
  const byUpstream = checks.filter(({ upstream }) => upstream)

  const found = firstProblem(byUpstream, assumed)
  const summary =
    found === undefined && images.candidates.some(({ seen }) => seen) ? summaryOf(byUpstream, assumed) : undefined
  const problem = found ?? firstProblem(checks, believed)
  if (problem === undefined) return summary === undefined ? [] : [summary]
  const {
    check: { image, upstream },
    reason,
  } = problem
  const response = failed(reason.message, doubtful(policy.policy, rule.name) ? 'inconclusive' : 'rejected', {
    image: image.reference.reference,
    reasons: [reason],
  })
  if (found !== undefined) return [response]
  const { reference } = image.reference
  const row = upstream
    ? (rowOf(policy.policy, rule.name, reference) ?? (record.statusOf(scope, reference) === undefined ? 'S3' : 'S4'))
    : strictRow(image)
  return [onlyOurs(response, row, summary?.status ?? 'nothing')]
}

function checksOf(
  entries: readonly ImageVerification[],
  images: readonly ExtractedImage[],
  matcherOf: (entry: ImageVerification) => EntryMatcher,
): readonly Check[] {
  return entries.flatMap((entry) => {
    const matchOf = matcherOf(entry)
    return images.flatMap((image) => {
      const { concerns, upstream } = matchOf(image)
      return concerns ? [{ entry, image, upstream }] : []
    })
  })
}

type StatusOf = (image: string) => RecordedStatus | undefined

function firstProblem(
  checks: readonly Check[],
  statusOf: StatusOf,
): { readonly check: Check; readonly reason: Reason } | undefined {
  for (const check of checks) {
    const reason = problemOf(check, statusOf)
    if (reason !== undefined) return { check, reason }
  }
  return undefined
}

function problemOf(
  {
    entry,
    image: {
      reference: { reference: image, digest },
    },
  }: Check,
  statusOf: StatusOf,
): Reason | undefined {
  if (entry.verifyDigest && digest === '')
    return { code: 'VERIFIER_DIGEST_MISSING', message: `missing digest for ${image}`, image }
  if (entry.required && (statusOf(image) ?? 'fail') === 'fail')
    return { code: 'VERIFIER_IMAGE_UNVERIFIED', message: `unverified image ${image}`, image }
  return undefined
}

/** As upstream counts: once per entry and place. */
function summaryOf(checks: readonly Check[], statusOf: StatusOf): RuleResponse {
  const required = checks
    .filter(({ entry }) => entry.required)
    .map(
      ({
        image: {
          reference: { reference },
        },
      }) => reference,
    )
  const skippedImages = required.filter((image) => statusOf(image) === 'skip')
  if (skippedImages.length === 0) return passed('image verified')
  const suffix = `, skipped images: ${skippedImages.join(' ')}`
  return skippedImages.length < required.length ? passed(`image verified${suffix}`) : skipped(`image skipped${suffix}`)
}
