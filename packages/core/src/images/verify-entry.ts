import type { Digest, Evidence, Outcome, VerificationRun } from '@verify-images/attestor-evaluator'
import { compileImagePatterns, skipsImage, type ExtractedImage } from '@verify-images/image-matcher'
import type { ImageVerification, Json } from '@verify-images/policy-parser'
import { asksForSomething, type EntryTask, type Verification } from './entry-task.ts'
import { imageSubject } from './image-subject.ts'
import { overPlatforms } from './platforms.ts'
import type { Candidate } from './rule-images.ts'
import { strictRowOf, type UpstreamView } from './upstream-view.ts'
import { errored, failed, passed, skipped, type RuleResponse } from '../verdict/rule-response.ts'
import type { ImageScope } from '../context/rule-scope.ts'
import { recordedUnchanged, recordScope } from './verification-record.ts'

/** What one entry of a rule says of one image. */
export async function verifyImage(task: EntryTask, { image, seen }: Candidate): Promise<Verification> {
  const { entry, rule, prepared: { policy, scope }, evaluation: { settings: { readings }, request } } = task
  const details = { image: image.reference.reference }
  const skip = (warn: boolean): RuleResponse => skipped(`skipping image reference image ${details.image}, policy ${policy.policy.name} ruleName ${rule.name}`, { ...details, warn })
  const match = task.match(image)
  if (!asksForSomething(entry)) return { pins: true, ...(match.concerns ? await onlyDenied(task, image, scope.forImage(image)) : {}) }
  if (!match.concerns) return seen ? { response: skip(false), trusted: 'skip', shown: 'skip', pins: true } : { pins: false }
  if (skipsImage(compileImagePatterns(entry.skipImageReferences ?? []), image.reference)) return { response: skip(true), trusted: 'skip', shown: 'skip', pins: true, skippedByName: true }
  const recorded = recordedUnchanged(request, recordScope(policy.policy, rule.name), image)
  if (recorded && readings.trustRecordsInAnnotations) return { trusted: 'pass', shown: 'pass', pins: false }
  const view = recorded ? 'trusts-record' : match.upstream ? 'verifies' : seen ? 'skips' : 'overlooks'
  return asUpstream(view, image, await verifyEntry(task, image, scope.forImage(image)), skip(false))
}

/** A check and what became of it. */
interface Checked {
  readonly response: RuleResponse
  readonly digest?: string
}

function asUpstream(view: UpstreamView, image: ExtractedImage, { response, digest }: Checked, skip: RuleResponse): Verification {
  if (response.status !== 'pass') {
    const stricter = strictRowOf(view, image)
    return { response: stricter === undefined ? response : { ...response, reasons: response.reasons.map((reason) => ({ stricter, ...reason })) }, trusted: 'fail', shown: 'fail', pins: true }
  }
  const accepted = { trusted: 'pass', evidence: response.evidence, ...(digest === undefined ? {} : { digest }) } as const
  switch (view) {
    case 'verifies':
      return { ...accepted, response, shown: 'pass', pins: true }
    case 'skips':
      return { ...accepted, response: skip, shown: 'skip', pins: true }
    case 'overlooks':
      return { ...accepted, pins: true }
    case 'trusts-record':
      return { ...accepted, shown: 'pass', pins: false }
  }
}

/** An entry without attestors and attestations still has its `deny` (S24). */
async function onlyDenied(task: EntryTask, image: ExtractedImage, scope: ImageScope): Promise<Pick<Verification, 'response'>> {
  const response = await denied(image, scope, [task.entry], new Map())
  return response === undefined ? {} : { response }
}

async function verifyEntry(task: EntryTask, image: ExtractedImage, scope: ImageScope): Promise<Checked> {
  const { entry, rule, source, evaluation: { settings: { attestors, platforms }, signal } } = task
  const registry = { source, signal }
  const subject = imageSubject(image.reference)
  const name = image.reference.reference
  let digest: Digest | undefined
  let evidence: readonly Evidence[] = []
  if (entry.attestors !== undefined && entry.attestors.length > 0) {
    const signatures = await overPlatforms(platforms, subject, registry, (each) => attestors.verifySignatures(entry, each, runOf(task)))
    if (signatures.kind !== 'accepted') return { response: refusal(signatures, name) }
    ;({ digest, evidence } = signatures)
    if (entry.attestations === undefined || entry.attestations.length === 0) {
      const denial = await denied(image, scope, [entry], new Map())
      return denial === undefined ? { response: passed(`verified image signatures for ${name}`, { image: name, evidence }), digest: signatures.digest } : { response: denial }
    }
  }
  // From here on the digest that was verified is asked for, never the tag again.
  const verifiedSubject = digest === undefined ? subject : { ...subject, digest }
  const attested = await overPlatforms(platforms, verifiedSubject, registry, (each) => attestors.verifyAttestations(entry, each, runOf(task), scope.judge))
  if (attested.kind !== 'accepted') return { response: refusal(attested, name) }
  const verified = digest ?? attested.digest
  const validates = (rule.verifyImages ?? []).some(({ validate }) => validate !== undefined)
  const message = validates ? `verifyImages validation is passed in ${rule.name} rule` : `verified image attestations for ${attested.image}`
  const denial = await denied(image, scope, rule.verifyImages ?? [], attested.predicates)
  if (denial !== undefined) return { response: denial }
  return { response: passed(message, { image: name, evidence: [...evidence, ...attested.evidence] }), ...(verified === undefined ? {} : { digest: verified }) }
}

/**
 * The failure, where `validate.deny` speaks against the image.
 *
 * Upstream asks the `deny` of every entry of the rule, and only after attestations. We also ask an entry's own where it
 * has none (S24): a condition that holds must deny.
 */
async function denied(image: ExtractedImage, scope: ImageScope, entries: readonly ImageVerification[], predicates: ReadonlyMap<string, Json>): Promise<RuleResponse | undefined> {
  const name = image.reference.reference
  const denial = await scope.denies(entries, predicates)
  if (denial === undefined) return undefined
  return failed(`validation in verifyImages failed: ${denial.message}`, denial.outcome, { image: name, reasons: [{ ...denial.reason, image: name }] })
}

function refusal(outcome: Exclude<Outcome<object>, { readonly kind: 'accepted' }>, image: string): RuleResponse {
  const details = { image, reasons: outcome.reasons }
  if (outcome.kind === 'rejected') return failed(outcome.upstreamText, 'rejected', details)
  return outcome.networkFault ? errored(outcome.upstreamText, details) : failed(outcome.upstreamText, 'inconclusive', details)
}

function runOf({ evaluation: { keys, trust, memo, now, signal }, source }: EntryTask): VerificationRun {
  return {
    source, now, signal, memo,
    ...(keys === undefined ? {} : { keys }),
    ...(trust === undefined ? {} : { trust }),
  }
}
