import { oneLine } from './describe-reason.ts'
import { policyKey, type RuleOutcome, type RuleReason, type RuleResult } from './rule-result.ts'
import type { ImageVerdict, ResourceVerdict, ScanVerdict } from './verdict.ts'

/** What a rule found wrong with an image, or with the object if no image is concerned. */
export interface RefusedImage {
  /** The image reference as Kyverno writes it; absent if the object as a whole is concerned. */
  readonly image?: string
  /** The image, or `the object`. */
  readonly subject: string
  /** `<name>`, or `<namespace>/<name>`. */
  readonly policy: string
  readonly rule: string
  /** Where the rule is written, if the source of the policy was named. */
  readonly source?: string
  readonly line?: number
  readonly outcome: Exclude<RuleOutcome, 'accepted'>
  readonly reasons: readonly RuleReason[]
  /** Kyverno's sentence. */
  readonly message: string
}

/**
 * Returns what is wrong, once for each rule and image. The phases of a rule repeat it; its entries can each be wrong in
 * their own way, so the reasons of all of them are kept.
 */
export function refusedImages({ rules }: Pick<ResourceVerdict, 'rules'>): readonly RefusedImage[] {
  const found = new Map<string, RefusedImage>()
  for (const row of rules) {
    const refused = refusedBy(row)
    if (refused === undefined) continue
    const key = JSON.stringify([refused.policy, refused.rule, refused.image])
    const before = found.get(key)
    found.set(key, before === undefined ? refused : mergeRefused(before, refused))
  }
  return [...found.values()]
}

function refusedBy(row: RuleResult): RefusedImage | undefined {
  const { outcome, policyNamespace, rule, image, source, line, reasons, message } = row
  if (outcome === 'accepted') return undefined
  return {
    ...(image === undefined ? {} : { image }),
    subject: image ?? 'the object',
    policy: policyKey({ namespace: policyNamespace, name: row.policy }),
    rule,
    ...(source === undefined ? {} : { source }),
    ...(line === undefined ? {} : { line }),
    outcome,
    reasons,
    message,
  }
}

/** A rejection counts more than what could not be checked: trying again does not help. */
function mergeRefused(first: RefusedImage, second: RefusedImage): RefusedImage {
  const [leading, other] =
    first.outcome === 'inconclusive' && second.outcome === 'rejected' ? [second, first] : [first, second]
  return {
    ...leading,
    reasons: [
      ...leading.reasons,
      ...other.reasons.filter((each) => !leading.reasons.some((known) => says(known, each))),
    ],
  }
}

/** Whether a reason says all that another one says: the two phases report one failed request in different steps. */
function says(known: RuleReason, { code, message, candidate, expected, actual }: RuleReason): boolean {
  return (
    known.code === code &&
    known.candidate === candidate &&
    known.expected === expected &&
    known.actual === actual &&
    known.message.includes(message)
  )
}

/** Returns `<policy>/<rule>`, with the namespace in front for a namespaced policy. */
export function nameOfRule({ policyNamespace, policy, rule }: RuleResult): string {
  return `${policyKey({ namespace: policyNamespace, name: policy })}/${rule}`
}

/** Returns `policy signed, rule check (policies.yaml:12)`. */
export function placeOf({ policy, rule, source, line }: RefusedImage): string {
  const place = source === undefined ? '' : ` (${source}${line === undefined ? '' : `:${String(line)}`})`
  return `policy ${policy}, rule ${rule}${place}`
}

/** There is a reason for each candidate: after some, further ones say the same of other signatures. */
export const MAX_REASONS = 5

/**
 * Returns the decision and how many images stand in its way. A scan makes no decision, so its headline has the outcome.
 */
export function headlineOf(verdict: ResourceVerdict | ImageVerdict | ScanVerdict): string {
  const { unmatched, rules, outcome } = verdict
  const admitted = 'admitted' in verdict ? verdict.admitted : undefined
  const decision = admitted === undefined ? '' : admitted ? 'admitted: ' : 'denied: '
  if (unmatched) return `${decision}no policy matches it`
  const found = refusedImages(verdict)
  if (found.length === 0) {
    const denial = 'denial' in verdict ? verdict.denial : undefined
    if (outcome !== 'accepted' || admitted === false)
      return `${decision || 'rejected: '}${oneLine(denial ?? 'a rule does not pass')}`
    return `${decision}${describePassed(rules)}`
  }
  if (admitted) return `admitted, although ${countOf(found)}`
  if (outcome === 'inconclusive') return `could not be checked: ${countOf(found)}`
  return `${decision || 'rejected: '}${countOf(found)}`
}

function countOf(found: readonly RefusedImage[]): string {
  const subjects = (outcome: RuleOutcome): ReadonlySet<string> =>
    new Set(found.filter((each) => each.outcome === outcome).map(({ subject }) => subject))
  const rejected = subjects('rejected')
  const unchecked = [...subjects('inconclusive')].filter((subject) => !rejected.has(subject))
  return [
    ...(rejected.size === 0 ? [] : [`${named([...rejected])} rejected`]),
    ...(unchecked.length === 0 ? [] : [`${named(unchecked)} not checked`]),
  ].join(', ')
}

function named(subjects: readonly string[]): string {
  const [only = ''] = subjects
  return subjects.length === 1 ? `${only} is` : `${String(subjects.length)} images are`
}

/** Skipped rules are listed: a skip is not a failure, but not evidence either. */
function describePassed(rules: readonly RuleResult[]): string {
  const skipped = Map.groupBy(
    rules.filter(({ status }) => status === 'skip'),
    (row) => nameOfRule(row),
  )
  if (skipped.size === 0) return 'every rule passed'
  const each = [...skipped].flatMap(([name, [row]]) => (row ? [`${name} ${describeSkip(row)}`] : []))
  const all = rules.every(({ status }) => status === 'skip')
  return `${all ? 'every rule was skipped' : 'every rule passed or was skipped'}: ${each.join('; ')}`
}

function describeSkip({ exceptions = [], message }: RuleResult): string {
  return exceptions.length > 0 ? `by the exception ${exceptions.join(', ')}` : `because ${oneLine(message)}`
}
