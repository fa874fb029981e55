import {
  type ArtifactSource,
  type Evidence,
  type ImageSubject,
  type NamedStatements,
  type Outcome,
  statementChoices,
  type VerificationRun,
  type VerifiedAttestationSets,
} from '@verify-images/attestor-evaluator'
import type { ExtractedImage } from '@verify-images/image-matcher'
import type { ImageVerification, Rule } from '@verify-images/policy-parser'
import type { Digest, Refusal } from '@verify-images/primitives'
import type { ImageScope } from '../context/rule-scope.ts'
import type { PreparedRule } from '../evaluate-rule.ts'
import type { Evaluation } from '../evaluation.ts'
import { LIMITS } from '../../limits.ts'
import { onlyOurs, type RefusingFinding, type RuleFinding } from '../rule-finding.ts'
import { imageSubject } from './image-subject.ts'
import { planImage, type ImagePlans } from './plan-image.ts'
import { overPlatforms } from './platforms.ts'
import type { EntryMatcher, RuleImage } from './rule-images.ts'

/** One entry of a rule, and what its evaluation needs. */
export interface EntryTask {
  readonly evaluation: Evaluation
  readonly prepared: PreparedRule
  /** The rule with its variables substituted. */
  readonly rule: Rule
  readonly entry: ImageVerification
  readonly match: EntryMatcher
  readonly source: ArtifactSource
}

/** The result of an entry for one image. `check` is absent if the entry checks nothing of it. */
export interface EntryResult {
  readonly plans: ImagePlans
  readonly check?: Check
}

/** The result of verifying an image, or of `deny` alone. */
export type Check =
  | {
      readonly kind: 'accepted'
      readonly finding: RuleFinding
      /** The digest that was verified. */
      readonly digest?: string
      readonly evidence: readonly Evidence[]
    }
  | { readonly kind: 'refused'; readonly finding: RefusingFinding }

/** Plans what an entry does with an image, and does the part that is independent of other images. */
export async function evaluateEntry(task: EntryTask, image: RuleImage): Promise<EntryResult> {
  const {
    entry,
    rule,
    prepared: { policy, scope },
    evaluation: {
      settings: {
        compatibility,
        kyverno: { readScopedRecord },
      },
      request,
    },
  } = task
  const match = task.match(image.image)
  const recorded = { policy: policy.policy, rule: rule.name }
  const plans = planImage({ entry, image, match, request, scope: recorded, compatibility, readScopedRecord })
  if (plans.ours === 'verify')
    return { plans, check: await verifyEntry(task, image.image, scope.forImage(image.image)) }
  if (plans.ours !== 'pin' || !match.ours) return { plans }
  const denial = await denialOf(image.image, scope.forImage(image.image), [entry], new Map())
  if (denial === undefined) return { plans }
  return { plans, check: { kind: 'refused', finding: onlyOurs(denial, { kyverno: 'nothing', difference: 'S24' }) } }
}

async function verifyEntry(task: EntryTask, image: ExtractedImage, scope: ImageScope): Promise<Check> {
  const {
    entry,
    rule,
    source,
    evaluation: {
      settings: { platforms },
      signal,
    },
  } = task
  const name = image.reference.reference
  const checked = await overPlatforms(
    platforms,
    imageSubject(image.reference),
    { source, signal },
    (subject) => verifyManifest(task, subject, scope),
    (task.entry.attestations ?? []).length > 0,
  )
  if (checked.kind !== 'accepted') return refused(name, checked)
  const { digest, evidence, attested } = checked
  if (attested === undefined) {
    const denial = await denialOf(image, scope, [entry], new Map())
    if (denial !== undefined)
      return { kind: 'refused', finding: onlyOurs(denial, { kyverno: 'pass', difference: 'S24' }) }
  } else {
    for (const each of checked.images) {
      const denial = await denialOf(image, scope, rule.verifyImages ?? [], each.attested?.statements ?? new Map())
      if (denial !== undefined) return { kind: 'refused', finding: denial }
    }
  }
  return {
    kind: 'accepted',
    finding: { kind: 'image-verified', image: name, verified: verifiedBy(rule, attested), evidence },
    ...(digest !== undefined && { digest }),
    evidence,
  }
}

/** What one manifest passed. */
interface VerifiedManifest {
  readonly digest?: Digest
  readonly evidence: readonly Evidence[]
  /** Absent for an entry without attestations. */
  readonly attested?: VerifiedAttestationSets
}

/**
 * Verifies the signatures and the attestations of one manifest: one child never has the signature and another the
 * attestation.
 */
async function verifyManifest(
  task: EntryTask,
  subject: ImageSubject,
  scope: ImageScope,
): Promise<Outcome<VerifiedManifest>> {
  const {
    entry,
    evaluation: {
      settings: { attestors },
    },
  } = task
  let digest: Digest | undefined
  let evidence: readonly Evidence[] = []
  if (entry.attestors !== undefined && entry.attestors.length > 0) {
    const signatures = await attestors.verifySignatures(entry, subject, runOf(task))
    if (signatures.kind !== 'accepted') return signatures
    ;({ digest, evidence } = signatures)
    if (entry.attestations === undefined || entry.attestations.length === 0)
      return { kind: 'accepted', digest, evidence }
  }
  // From here on the verified digest is fetched, never the tag again.
  const pinned = digest === undefined ? subject : { ...subject, digest }
  const attested = await attestors.verifyAttestations(entry, pinned, runOf(task), scope.judge)
  if (attested.kind !== 'accepted') return attested
  const known = digest ?? attested.digest
  return {
    kind: 'accepted',
    evidence: [...evidence, ...attested.evidence],
    attested,
    ...(known !== undefined && { digest: known }),
  }
}

function verifiedBy(
  rule: Rule,
  attested: VerifiedAttestationSets | undefined,
): Extract<RuleFinding, { readonly kind: 'image-verified' }>['verified'] {
  if (attested === undefined) return { kind: 'signatures' }
  return validates(rule) ? { kind: 'validation' } : { kind: 'attestations', image: attested.image }
}

function refused(image: string, outcome: Refusal): Check {
  return { kind: 'refused', finding: { kind: 'image-refused', image, outcome } }
}

function validates({ verifyImages = [] }: Rule): boolean {
  return verifyImages.some(({ validate }) => validate?.deny !== undefined || Boolean(validate?.message))
}

/**
 * Returns the finding of the first `validate.deny` that denies the image; undefined if none does.
 *
 * Kyverno evaluates the `deny` of every entry of the rule, but only after attestations. For an entry without
 * attestations we evaluate its own (S24). With several statements of one type `deny` is evaluated for each of them.
 */
async function denialOf(
  image: ExtractedImage,
  scope: ImageScope,
  entries: readonly ImageVerification[],
  statements: NamedStatements,
): Promise<RefusingFinding | undefined> {
  const name = image.reference.reference
  const choices = statementChoices(statements, LIMITS.statementChoices)
  for (const [i, chosen] of choices.slice(0, LIMITS.statementChoices).entries()) {
    const denial = await scope.denies(entries, chosen)
    if (denial === undefined) continue
    const refusal = { kind: 'image-denied', image: name, denial } as const
    return i === 0 ? refusal : onlyOurs(refusal, { kyverno: 'pass', difference: 'deny-every-statement' })
  }
  if (choices.length <= LIMITS.statementChoices) return undefined
  const message = `\`deny\` would have to be evaluated for more than ${LIMITS.statementChoices} choices of statements`
  const denial = {
    kind: 'conditions-failed',
    message: '',
    reason: { code: 'CONDITION_LIMIT_EXCEEDED', message },
  } as const
  return onlyOurs(
    { kind: 'image-denied', image: name, denial },
    { kyverno: 'pass', difference: 'deny-every-statement' },
  )
}

function runOf({
  evaluation: { keys, trust, memo, budget, predicates, now, signal },
  source,
}: EntryTask): VerificationRun {
  return {
    source,
    now,
    signal,
    memo,
    budget,
    payloads: predicates.payloads,
    ...(keys === undefined ? {} : { keys }),
    ...(trust === undefined ? {} : { trust }),
  }
}
