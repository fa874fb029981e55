import type { Digest, Evidence, Outcome, VerificationRun } from '@verify-images/attestor-evaluator'
import { compileImagePatterns, skipsImage, type ExtractedImage } from '@verify-images/image-matcher'
import type { ImageVerification, Json } from '@verify-images/policy-parser'
import { asksForSomething, type EntryTask, type Verification } from './entry-task.ts'
import { imageSubject } from './image-subject.ts'
import { overPlatforms } from './platforms.ts'
import { concerns } from './rule-images.ts'
import { errored, failed, passed, skipped, type RuleResponse } from '../verdict/rule-response.ts'
import type { ImageScope } from '../context/rule-scope.ts'
import { recordedUnchanged, recordScope } from './verification-record.ts'

/** What one entry of a rule says of one image. */
export async function verifyImage(task: EntryTask, image: ExtractedImage): Promise<Verification> {
  const { entry, rule, prepared: { policy, scope }, evaluation } = task
  const { settings } = evaluation
  if (settings.readings.trustRecordsInAnnotations && recordedUnchanged(evaluation.request, recordScope(policy.policy, rule.name), image)) return { recorded: true }
  const imageScope = scope.forImage(image)
  if (!asksForSomething(entry)) return await denied(task, image, imageScope, [entry], new Map(), {})
  const skipMessage = `skipping image reference image ${image.reference.reference}, policy ${policy.policy.name} ruleName ${rule.name}`
  const details = { image: image.reference.reference }
  if (!concerns(entry, image, settings.readings.matchOneSpellingOnly)) return { response: skipped(skipMessage, details) }
  if (skipsImage(compileImagePatterns(entry.skipImageReferences ?? []), image.reference)) return { response: skipped(skipMessage, { ...details, warn: true }) }
  return await verifyEntry(task, image, imageScope)
}

async function verifyEntry(task: EntryTask, image: ExtractedImage, scope: ImageScope): Promise<Verification> {
  const { entry, rule, session, evaluation: { settings: { attestors, platforms }, signal } } = task
  const registry = { session, signal }
  const subject = imageSubject(image.reference)
  const name = image.reference.reference
  let digest: Digest | undefined
  let evidence: readonly Evidence[] = []
  if (entry.attestors !== undefined && entry.attestors.length > 0) {
    const signatures = await overPlatforms(platforms, subject, registry, (each) => attestors.verifySignatures(entry, each, runOf(task)))
    if (signatures.kind !== 'accepted') return { response: refusal(signatures, name) }
    ;({ digest, evidence } = signatures)
    const accepted = { response: passed(`verified image signatures for ${name}`, { image: name, evidence }), digest }
    if (entry.attestations === undefined || entry.attestations.length === 0) return await denied(task, image, scope, [entry], new Map(), accepted)
  }
  // From here on the digest that was verified is asked for, never the tag again.
  const verifiedSubject = digest === undefined ? subject : { ...subject, digest }
  const attested = await overPlatforms(platforms, verifiedSubject, registry, (each) => attestors.verifyAttestations(entry, each, runOf(task), scope.judge))
  if (attested.kind !== 'accepted') return { response: refusal(attested, name) }
  const verified = digest ?? attested.digest
  const validates = (rule.verifyImages ?? []).some(({ validate }) => validate !== undefined)
  const message = validates ? `verifyImages validation is passed in ${rule.name} rule` : `verified image attestations for ${name}`
  const response = passed(message, { image: name, evidence: [...evidence, ...attested.evidence] })
  return await denied(task, image, scope, rule.verifyImages ?? [], attested.predicates, { response, ...(verified === undefined ? {} : { digest: verified }) })
}

/**
 * The verification, unless `validate.deny` speaks against it.
 *
 * Upstream asks the `deny` of every entry of the rule, and only after attestations. We also ask an entry's own where it
 * has none (S24): a condition that holds must deny.
 */
async function denied(task: EntryTask, image: ExtractedImage, scope: ImageScope, entries: readonly ImageVerification[], predicates: ReadonlyMap<string, Json>, otherwise: Verification): Promise<Verification> {
  const name = image.reference.reference
  if (!concerns(task.entry, image, task.evaluation.settings.readings.matchOneSpellingOnly)) return otherwise
  const denial = await scope.denies(entries, predicates)
  if (denial === undefined) return otherwise
  return { response: failed(`validation in verifyImages failed: ${denial.message}`, denial.outcome, { image: name, reasons: [{ ...denial.reason, image: name }] }) }
}

function refusal(outcome: Exclude<Outcome<object>, { readonly kind: 'accepted' }>, image: string): RuleResponse {
  const details = { image, reasons: outcome.reasons }
  if (outcome.kind === 'rejected') return failed(outcome.upstreamText, 'rejected', details)
  return outcome.networkFault ? errored(outcome.upstreamText, details) : failed(outcome.upstreamText, 'inconclusive', details)
}

function runOf({ evaluation: { settings, memo, now, signal }, session }: EntryTask): VerificationRun {
  return {
    source: session, now, signal, memo,
    ...(settings.keys === undefined ? {} : { keys: settings.keys }),
    ...(settings.trust === undefined ? {} : { trust: settings.trust }),
  }
}
