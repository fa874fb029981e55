import type { Evidence, Reason } from '@verify-images/attestor-evaluator'
import { explainEvidence } from './explain-evidence.ts'
import type { RuleResult } from './rule-result.ts'
import type { ImageVerdict, ResourceVerdict } from './verdict.ts'

export interface ExplainOptions {
  /** `summary` is one sentence, `all` the whole tree: every row, its evidence, and every candidate with the check that stopped it. */
  readonly depth?: 'summary' | 'all'
}

/** The verdict in words. */
export function explain(verdict: ResourceVerdict | ImageVerdict, { depth = 'summary' }: ExplainOptions = {}): string {
  const headline = headlineOf(verdict)
  return depth === 'summary' ? headline : [headline, ...verdict.rules.flatMap(linesOfRow)].join('\n')
}

function headlineOf({ admitted, unmatched, rules, outcome }: ResourceVerdict | ImageVerdict): string {
  if (unmatched) return admitted ? 'admitted: no policy concerns it' : 'refused: no policy concerns it'
  const worst = rules.find((row) => row.outcome === outcome && outcome !== 'accepted')
  const why = worst ? `${worst.policy}/${worst.rule}: ${oneLine(worst.message)}` : undefined
  if (admitted) return why ? `admitted, although ${why}` : 'admitted: every rule holds'
  return `${outcome === 'inconclusive' ? 'could not be checked' : 'refused'}: ${why ?? 'a rule does not hold'}`
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

function describeReason({ code, message, path, candidate, expected, found, stricter }: Reason): string {
  return [
    `${code}: ${oneLine(message)}`,
    ...(path === undefined ? [] : [`at ${path}`]),
    ...(candidate === undefined ? [] : [`candidate ${candidate}`]),
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(found === undefined ? [] : [`found ${found}`]),
    ...(stricter === undefined ? [] : [`stricter than Kyverno: ${stricter}`]),
  ].join('; ')
}

function oneLine(text: string): string {
  return text.split(/[\n\r\u2028\u2029]/).map((line) => line.trim()).filter((line) => line !== '').join(' / ')
}
