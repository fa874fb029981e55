import type { Evidence, Reason } from '@verify-images/attestor-evaluator'
import { listOf, oneOf, type OptionKind, type OptionTable } from '@verify-images/primitives'
import { checkOptions } from '../check-options.ts'
import { isJsonObject } from '../request/copy-json.ts'
import { explainEvidence } from './explain-evidence.ts'
import type { RuleResult } from './rule-result.ts'
import type { ImageVerdict, ResourceVerdict, ScanVerdict } from './verdict.ts'

export interface ExplainOptions {
  /** `summary` is one sentence, `all` the whole tree: every row, its evidence, and every candidate with the check that stopped it. */
  readonly depth?: 'summary' | 'all'
}

const explainOptions: OptionTable<ExplainOptions> = { depth: oneOf('summary', 'all') }

/**
 * The verdict in words.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID
 */
export function explain(verdict: ResourceVerdict | ImageVerdict | ScanVerdict, options: ExplainOptions = {}): string {
  checkOptions(options, explainOptions)
  checkOptions({ verdict }, { verdict: aVerdict }, { required: ['verdict'] })
  const headline = headlineOf(verdict)
  return options.depth === 'all' ? [headline, ...verdict.rules.flatMap(linesOfRow)].join('\n') : headline
}

const aVerdict: OptionKind = {
  expected: 'a verdict, as a verifier gives it',
  fits: (value) => isJsonObject(value) && listOf({ expected: '', fits: isJsonObject }).fits(value['rules']),
}

/** A scan decides nothing, so nothing is admitted or refused. */
function headlineOf(verdict: ResourceVerdict | ImageVerdict | ScanVerdict): string {
  const { unmatched, rules, outcome } = verdict
  const admitted = 'admitted' in verdict ? verdict.admitted : undefined
  const decision = admitted === undefined ? '' : admitted ? 'admitted: ' : 'refused: '
  if (unmatched) return `${decision}no policy concerns it`
  const worst = rules.find((row) => row.outcome === outcome && outcome !== 'accepted')
  const denial = 'denial' in verdict ? verdict.denial : undefined
  const why = worst
    ? `${worst.policy}/${worst.rule}: ${oneLine(worst.message)}`
    : oneLine(denial ?? 'a rule does not hold')
  if (admitted && worst) return `admitted, although ${why}`
  if (outcome === 'inconclusive') return `could not be checked: ${why}`
  if (outcome === 'accepted' && admitted !== false) return `${decision}${whatHolds(rules)}`
  return `${decision || 'does not hold: '}${why}`
}

/** A rule that was skipped holds nothing against the image, and speaks for it as little. */
function whatHolds(rules: readonly RuleResult[]): string {
  const skipped = Map.groupBy(
    rules.filter(({ status }) => status === 'skip'),
    ({ policy, rule }) => `${policy}/${rule}`,
  )
  if (skipped.size === 0) return 'every rule holds'
  const each = [...skipped].flatMap(([name, [row]]) => (row ? [`${name} ${describeSkip(row)}`] : []))
  return `${rules.every(({ status }) => status === 'skip') ? 'every rule was skipped' : 'every rule holds that was not skipped'}: ${each.join('; ')}`
}

function describeSkip({ exceptions = [], message }: RuleResult): string {
  return exceptions.length > 0 ? `by the exception ${exceptions.join(', ')}` : `because ${oneLine(message)}`
}

function linesOfRow(row: RuleResult): string[] {
  return [
    `  ${row.phase} ${row.policy}/${row.rule}: ${row.status} (${row.outcome}) ${oneLine(row.message)}`,
    ...row.evidence.flatMap(linesOfEvidence),
    ...row.reasons.map((reason) => `    - ${describeReason(reason)}`),
  ]
}

function linesOfEvidence(evidence: Evidence): string[] {
  const [first, ...further] = explainEvidence(evidence).map(oneLine)
  return [`    + ${first ?? ''}`, ...further.map((line) => `        ${line}`)]
}

function describeReason({ code, message, path, candidate, expected, actual: found, difference }: Reason): string {
  return [
    `${code}: ${oneLine(message)}`,
    ...(path === undefined ? [] : [`at ${path}`]),
    ...(candidate === undefined ? [] : [`candidate ${candidate}`]),
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(found === undefined ? [] : [`found ${found}`]),
    ...(difference === undefined ? [] : [`stricter than Kyverno: ${difference}`]),
  ].join('; ')
}

function oneLine(text: string): string {
  return text
    .split(/[\n\r\u2028\u2029]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' / ')
}
