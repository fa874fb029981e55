import type { Reason } from '@verify-images/attestor-evaluator'
import type { ExtractedImage } from '@verify-images/image-matcher'
import { effectiveEntry, type ImageVerification, type Policy } from '@verify-images/policy-parser'
import { checksImages } from '../compile-policy.ts'
import type { PreparedRule, RuleHandler } from '../evaluate-rule.ts'
import type { Evaluation } from '../evaluation.ts'
import { entryMatcher } from './rule-images.ts'
import { strictRow } from './upstream-view.ts'
import { failed, passed, skipped, type RuleResponse } from '../verdict/rule-response.ts'
import { readScopedRecord, recordScope, type RecordedStatus, type RecordScope, type VerificationRecord } from './verification-record.ts'

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
}

/** The second phase: of the patched object, is the digest there, and was the image verified? No network. */
export function imageChecker(first: FirstPhase): RuleHandler {
  return {
    phase: 'validate',
    typeOfSkip: 'Validation',
    concerns: checksImages,
    handle: (evaluation, prepared) => Promise.resolve(checkRule(evaluation, prepared, first)),
  }
}

/** The first failure ends the rule with one response. */
function checkRule(evaluation: Evaluation, { policy, rule, images }: PreparedRule, { record, doubtful, unfinished }: FirstPhase): readonly RuleResponse[] {
  if (evaluation.request.operation === 'DELETE') return []
  const scope = recordScope(policy.policy, rule.name)
  const verified = unfinished(policy.policy, rule.name) ? undefined : record
  const seen = new Map<string, 'pass' | 'skip'>()
  for (const entry of (rule.verifyImages ?? []).map(effectiveEntry)) {
    const matchOf = entryMatcher(entry, evaluation.settings.readings.matchOneSpellingOnly)
    for (const image of images.all) {
      const match = matchOf(image)
      if (!match.concerns) continue
      const name = image.reference.reference
      const status = entry.required ? statusOf(evaluation, scope, name, verified) : undefined
      const wrong = check(entry, image, status)
      if (wrong !== undefined) {
        const reason = { ...wrong, image: name, ...(match.upstream ? {} : { stricter: strictRow(image) }) }
        return [failed(wrong.message, doubtful(policy.policy, rule.name) ? 'inconclusive' : 'rejected', { image: name, reasons: [reason] })]
      }
      if (match.upstream && (status === 'pass' || status === 'skip')) seen.set(name, status)
    }
  }
  // Images that only we look at may refuse, but where they are in order upstream has nothing to say of them.
  return images.candidates.some((candidate) => candidate.seen) ? [summary(seen)] : []
}

function check(entry: ImageVerification, { reference }: ExtractedImage, status: RecordedStatus | undefined): Reason | undefined {
  if (entry.verifyDigest && reference.digest === '') return { code: 'VERIFIER_DIGEST_MISSING', message: `missing digest for ${reference.reference}` }
  if (entry.required && (status === undefined || status === 'fail')) return { code: 'VERIFIER_IMAGE_UNVERIFIED', message: `unverified image ${reference.reference}` }
  return undefined
}

function statusOf({ request, settings }: Evaluation, scope: RecordScope, image: string, record: VerificationRecord | undefined): RecordedStatus | undefined {
  const verified = record?.statusOf(scope, image)
  if (verified !== undefined || !settings.readings.trustRecordsInAnnotations) return verified
  return readScopedRecord(request.object, scope, image)
}

function summary(seen: ReadonlyMap<string, 'pass' | 'skip'>): RuleResponse {
  const skippedImages = [...seen].filter(([, status]) => status === 'skip').map(([image]) => image)
  if (skippedImages.length === 0) return passed('image verified')
  const suffix = `, skipped images: ${skippedImages.join(' ')}`
  return skippedImages.length < seen.size ? passed(`image verified${suffix}`) : skipped(`image skipped${suffix}`)
}
