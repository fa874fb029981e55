import type { Digest, Evidence, Outcome, VerificationRun } from '@verify-images/attestor-evaluator'
import { compileImagePatterns, skipsImage, type ExtractedImage } from '@verify-images/image-matcher'
import type { ImageVerification, Json } from '@verify-images/policy-parser'
import { asksForSomething, type EntryTask, type Verification } from './entry-task.ts'
import { imageSubject } from './image-subject.ts'
import { overPlatforms } from './platforms.ts'
import type { Candidate } from './rule-images.ts'
import { strictRowOf, UPSTREAM_ANSWERS, type UpstreamView } from './upstream-view.ts'
import { errored, failed, onlyOurs, passed, skipped, type RuleResponse } from '../../kyverno/rule-response.ts'
import type { ImageScope } from '../context/rule-scope.ts'
import { recordedUnchanged, recordScope } from './verification-record.ts'

/** What one entry of a rule says of one image. */
export async function verifyImage(task: EntryTask, { image, seen }: Candidate): Promise<Verification> {
  const {
    entry,
    rule,
    prepared: { policy, scope },
    evaluation: {
      settings: { compatibility },
      request,
    },
  } = task
  const match = task.match(image)
  // Upstream asks this first, before it looks at the entry.
  const recorded = seen && recordedUnchanged(request, recordScope(policy.policy, rule.name), image)
  if (recorded && compatibility.trustRecordsInAnnotations)
    return { trusted: 'pass', shown: 'pass', upstream: 'pass', pins: false }
  if (!asksForSomething(entry)) {
    const denial = match.concerns ? await denied(image, scope.forImage(image), [entry], new Map()) : undefined
    return {
      ...(recorded ? { upstream: 'pass' } : {}),
      pins: !recorded,
      ...(denial === undefined ? {} : { response: onlyOurs(denial, 'S24', 'nothing') }),
    }
  }
  const skip = (warn: boolean): RuleResponse =>
    skipped(
      `skipping image reference image ${image.reference.reference}, policy ${policy.policy.name} ruleName ${rule.name}`,
      { image: image.reference.reference, warn },
    )
  const passedOver = (warn: boolean): Verification =>
    recorded
      ? { trusted: 'skip', shown: 'pass', upstream: 'pass', pins: false }
      : { response: skip(warn), trusted: 'skip', shown: 'skip', upstream: 'skip', pins: true }
  const skippedByName =
    match.concerns && skipsImage(compileImagePatterns(entry.skipImageReferences ?? []), image.reference)
  if (skippedByName && !seen) return { trusted: 'skip', pins: true }
  // Upstream does not come to the names that are skipped where its patterns do not match this spelling.
  if (skippedByName && match.upstream) return { ...passedOver(true), ...(recorded ? {} : { skippedByName }) }
  if (skippedByName || !match.concerns) return seen ? passedOver(false) : { pins: false }
  const view = !seen ? 'overlooks' : recorded ? 'trusts-record' : match.upstream ? 'verifies' : 'skips'
  const { response, digest } = await verifyEntry(task, image, scope.forImage(image))
  if (response.status !== 'pass') return { ...refusedAs(view, image, response), trusted: 'fail', shown: 'fail' }
  return {
    ...acceptedAs(view, response, skip(false)),
    trusted: 'pass',
    evidence: response.evidence,
    ...(digest === undefined ? {} : { digest }),
  }
}

/** A check and what became of it. */
interface Checked {
  readonly response: RuleResponse
  readonly digest?: string
}

function refusedAs(view: UpstreamView, image: ExtractedImage, response: RuleResponse): Verification {
  if (view === 'verifies')
    return {
      response,
      upstream: response.reasons.some(({ difference }) => difference !== undefined) ? 'pass' : 'fail',
      pins: true,
    }
  const { row, record, pins } = UPSTREAM_ANSWERS[view]
  return {
    response: onlyOurs(response, strictRowOf(view, image), row),
    ...(record === undefined ? {} : { upstream: record }),
    pins,
  }
}

function acceptedAs(view: UpstreamView, response: RuleResponse, skip: RuleResponse): Verification {
  if (view === 'verifies') return { response, shown: 'pass', upstream: 'pass', pins: true }
  const { row, record, pins } = UPSTREAM_ANSWERS[view]
  return {
    ...(row === 'skip' ? { response: skip } : {}),
    ...(record === undefined ? {} : { shown: record, upstream: record }),
    pins,
  }
}

async function verifyEntry(task: EntryTask, image: ExtractedImage, scope: ImageScope): Promise<Checked> {
  const {
    entry,
    rule,
    source,
    evaluation: {
      settings: { attestors, platforms },
      signal,
    },
  } = task
  const registry = { source, signal }
  const subject = imageSubject(image.reference)
  const name = image.reference.reference
  let digest: Digest | undefined
  let evidence: readonly Evidence[] = []
  if (entry.attestors !== undefined && entry.attestors.length > 0) {
    const signatures = await overPlatforms(platforms, subject, registry, (each) =>
      attestors.verifySignatures(entry, each, runOf(task)),
    )
    if (signatures.kind !== 'accepted') return { response: refusal(signatures, name) }
    ;({ digest, evidence } = signatures)
    if (entry.attestations === undefined || entry.attestations.length === 0) {
      const denial = await denied(image, scope, [entry], new Map())
      return denial === undefined
        ? {
            response: passed(`verified image signatures for ${name}`, { image: name, evidence }),
            digest: signatures.digest,
          }
        : { response: onlyOurs(denial, 'S24', 'pass') }
    }
  }
  // From here on the digest that was verified is asked for, never the tag again.
  const verifiedSubject = digest === undefined ? subject : { ...subject, digest }
  const attested = await overPlatforms(platforms, verifiedSubject, registry, (each) =>
    attestors.verifyAttestations(entry, each, runOf(task), scope.judge),
  )
  if (attested.kind !== 'accepted') return { response: refusal(attested, name) }
  const verified = digest ?? attested.digest
  const validates = (rule.verifyImages ?? []).some(
    ({ validate }) => validate?.deny !== undefined || Boolean(validate?.message),
  )
  const message = validates
    ? `verifyImages validation is passed in ${rule.name} rule`
    : `verified image attestations for ${attested.image}`
  const denial = await denied(image, scope, rule.verifyImages ?? [], attested.predicates)
  if (denial !== undefined) return { response: denial }
  return {
    response: passed(message, { image: name, evidence: [...evidence, ...attested.evidence] }),
    ...(verified === undefined ? {} : { digest: verified }),
  }
}

/**
 * The failure, where `validate.deny` speaks against the image.
 *
 * Upstream asks the `deny` of every entry of the rule, and only after attestations. We also ask an entry's own where it
 * has none (S24): a condition that holds must deny.
 */
async function denied(
  image: ExtractedImage,
  scope: ImageScope,
  entries: readonly ImageVerification[],
  predicates: ReadonlyMap<string, Json>,
): Promise<RuleResponse | undefined> {
  const name = image.reference.reference
  const denial = await scope.denies(entries, predicates)
  if (denial === undefined) return undefined
  return failed(`validation in verifyImages failed: ${denial.message}`, denial.outcome, {
    image: name,
    reasons: [{ ...denial.reason, image: name }],
  })
}

function refusal(outcome: Exclude<Outcome<object>, { readonly kind: 'accepted' }>, image: string): RuleResponse {
  const details = { image, reasons: outcome.reasons }
  if (outcome.kind === 'rejected') return failed(outcome.upstreamText, 'rejected', details)
  return outcome.networkFault
    ? errored(outcome.upstreamText, details)
    : failed(outcome.upstreamText, 'inconclusive', details)
}

function runOf({ evaluation: { keys, trust, memo, now, signal }, source }: EntryTask): VerificationRun {
  return {
    source,
    now,
    signal,
    memo,
    ...(keys === undefined ? {} : { keys }),
    ...(trust === undefined ? {} : { trust }),
  }
}
