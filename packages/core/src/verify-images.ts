import type { Evidence, Outcome, VerificationRun } from '@verify-images/attestor-evaluator'
import { compileImagePatterns, skipsImage, type ExtractedImage } from '@verify-images/image-matcher'
import { effectiveEntry, type ImageVerification, type Json, type Rule } from '@verify-images/policy-parser'
import type { RegistrySession } from '@verify-images/registry-fetcher'
import { verifiesImages } from './compile-policy.ts'
import { concurrently } from './concurrently.ts'
import type { PreparedRule, RuleHandler } from './evaluate-rule.ts'
import type { Evaluation } from './evaluation.ts'
import { digestForm, imageSubject } from './image-subject.ts'
import { valueAt } from './json-patch.ts'
import type { Mutations } from './mutations.ts'
import { pinDigest } from './pin-digest.ts'
import { registryFor } from './registry-access.ts'
import { concerns } from './rule-images.ts'
import { errored, failed, passed, skipped, type RuleResponse } from './rule-response.ts'
import type { ImageScope } from './rule-scope.ts'
import { readScopedRecord, type RecordScope } from './verification-record.ts'

/** The first phase: verify what the rule asks for, pin digests, and note what was verified. */
export function imageVerifier(mutations: Mutations): RuleHandler {
  return {
    phase: 'mutate',
    typeOfSkip: 'Mutation',
    concerns: verifiesImages,
    handle: (evaluation, prepared) => verifyRule(evaluation, prepared, mutations),
  }
}

/** One entry of a rule at work. */
interface EntryTask {
  readonly evaluation: Evaluation
  readonly prepared: PreparedRule
  readonly rule: Rule
  readonly entry: ImageVerification
  readonly session: RegistrySession
}

/** What an entry came to for one image; no response where it asks for nothing. */
interface Verification {
  readonly response?: RuleResponse
  /** The digest that was verified. */
  readonly digest?: string
  /** The object says so itself, and the verifier was told to believe it. */
  readonly recorded?: true
}

async function verifyRule(evaluation: Evaluation, prepared: PreparedRule, mutations: Mutations): Promise<readonly RuleResponse[]> {
  const substituted = await prepared.scope.substituteRule()
  if ('failure' in substituted) return [errored(`failed to substitute variables: ${substituted.failure.message}`, { reasons: [substituted.failure] })]
  const { rule } = substituted
  const responses: RuleResponse[] = []
  for (const written of rule.verifyImages ?? []) {
    const entry = effectiveEntry(written)
    const session = await openRegistry(evaluation, prepared, entry)
    if (typeof session === 'string') return [errored(`failed to fetch secrets: ${session}`, { reasons: [{ code: 'VERIFIER_CREDENTIALS_UNAVAILABLE', message: session }] })]
    const task = { evaluation, prepared, rule, entry, session }
    // Images are independent of each other; what is noted of them is not, so that comes after, in their order.
    const verifications = await concurrently(prepared.images.candidates, async (image) => ({ image, ...(await verifyImage(task, image)) }))
    for (const verification of verifications) responses.push(...(await settle(task, verification, mutations)))
  }
  return responses
}

/** Upstream asks for the pull secrets of the first image; containers of a Pod share them. */
async function openRegistry(evaluation: Evaluation, { images }: PreparedRule, { imageRegistryCredentials: named }: ImageVerification): Promise<RegistrySession | string> {
  try {
    return await registryFor(evaluation, { named, podSecrets: images.candidates[0]?.imagePullSecrets ?? [] })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function verifyImage(task: EntryTask, image: ExtractedImage): Promise<Verification> {
  const { entry, rule, prepared: { policy, scope }, evaluation: { settings } } = task
  if (settings.readings.trustRecordsInAnnotations && recordedUnchanged(task, image)) return { recorded: true }
  const imageScope = scope.forImage(image)
  if (!asksForSomething(entry)) return await denied(task, image, imageScope, [entry], new Map(), {})
  const skipMessage = `skipping image reference image ${image.reference.reference}, policy ${policy.policy.name} ruleName ${rule.name}`
  const details = { image: image.reference.reference }
  if (!concerns(entry, image, settings.readings.matchOneSpellingOnly)) return { response: skipped(skipMessage, details) }
  if (skipsImage(compileImagePatterns(entry.skipImageReferences ?? []), image.reference)) return { response: skipped(skipMessage, { ...details, warn: true }) }
  return await verifyEntry(task, image, imageScope)
}

function asksForSomething({ attestors = [], attestations = [] }: ImageVerification): boolean {
  return attestors.length > 0 || attestations.length > 0
}

async function verifyEntry(task: EntryTask, image: ExtractedImage, scope: ImageScope): Promise<Verification> {
  const { entry, rule, evaluation: { settings: { attestors } } } = task
  const subject = imageSubject(image.reference)
  const name = image.reference.reference
  let digest: string | undefined
  let evidence: readonly Evidence[] = []
  if (entry.attestors !== undefined && entry.attestors.length > 0) {
    const signatures = await attestors.verifySignatures(entry, subject, runOf(task))
    if (signatures.kind !== 'accepted') return { response: refusal(signatures, name) }
    ;({ digest, evidence } = signatures)
    const accepted = { response: passed(`verified image signatures for ${name}`, { image: name, evidence }), digest }
    if (entry.attestations === undefined || entry.attestations.length === 0) return await denied(task, image, scope, [entry], new Map(), accepted)
  }
  // From here on the digest that was verified is asked for, never the tag again.
  const attested = await attestors.verifyAttestations(entry, digest === undefined ? subject : { ...subject, digest: digest as `${string}:${string}` }, runOf(task), scope.judge)
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

/** Whether an UPDATE leaves the image as it was and the old object records it as verified, or skipped, for this rule. */
function recordedUnchanged({ evaluation: { request }, prepared }: EntryTask, { pointer, reference }: ExtractedImage): boolean {
  const before = valueAt(request.oldObject, pointer)
  if (request.operation !== 'UPDATE' || before === undefined || before !== valueAt(request.object, pointer)) return false
  const status = readScopedRecord(request.oldObject, recordScope(prepared), reference.reference)
  return status === 'pass' || status === 'skip'
}

function recordScope({ policy: { policy }, rule }: PreparedRule): RecordScope {
  return { policyKey: `${policy.namespace ?? ''}/${policy.name}`, rule: rule.name }
}

/** Pins the digest where the entry says so, and notes what was found out. */
async function settle({ entry, prepared, session, evaluation: { signal } }: EntryTask, { image, response, digest, recorded }: Verification & { readonly image: ExtractedImage }, mutations: Mutations): Promise<readonly RuleResponse[]> {
  const responses: RuleResponse[] = []
  const { reference } = image
  if (recorded === true) {
    mutations.record.set(recordScope(prepared), reference.reference, 'pass')
    return []
  }
  // Upstream pins whatever the verification came to; a request that is blocked is not patched.
  const pin = entry.mutateDigest && reference.digest === '' ? await pinDigest(image, digest, session, signal) : undefined
  if (pin !== undefined && 'failure' in pin) responses.push(errored(`failed to update digest: ${pin.failure.message}`, { image: reference.reference, reasons: [pin.failure] }))
  const pinned = pin !== undefined && 'digest' in pin ? pin : undefined
  if (pinned !== undefined) mutations.addPatch(pinned.patch)
  const own = response ?? (pinned === undefined ? undefined : passed('mutated image digest', { image: reference.reference }))
  if (own === undefined) return responses
  responses.push(own)
  if (asksForSomething(entry)) {
    const name = pinned === undefined ? reference.reference : digestForm(reference, pinned.digest)
    mutations.record.set(recordScope(prepared), name, own.status === 'pass' ? 'pass' : own.status === 'skip' || own.status === 'warn' ? 'skip' : 'fail')
  }
  const status = own.status === 'pass' ? (asksForSomething(entry) ? 'verified' : 'unchecked') : own.status === 'skip' ? 'unchecked' : 'failed'
  mutations.noteImage(image, status, digest ?? pinned?.digest, own.evidence)
  return responses
}
