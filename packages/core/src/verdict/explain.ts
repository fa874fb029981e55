import type { Evidence, NotaryEvidence, NotaryValidation, Reason, Signer } from '@verify-images/attestor-evaluator'
import { isObject, arrayOf, oneOf, type OptionKind, type OptionTable } from '@verify-images/primitives'
import { checkOptions } from '../check-options.ts'
import type { RuleResult } from './rule-result.ts'
import type { ImageVerdict, ResourceVerdict, ScanVerdict } from './verdict.ts'

export interface ExplainOptions {
  /**
   * `summary` (default) is one sentence, `all` the whole tree: every row, its evidence, and every candidate with the
   * check that stopped it.
   */
  readonly depth?: 'summary' | 'all'
}

const explainOptions: OptionTable<ExplainOptions> = { depth: oneOf('summary', 'all') }

/**
 * Formats a verdict for people.
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
  expected: 'a verdict returned by an image verifier',
  fits: (value) => isObject(value) && arrayOf({ expected: '', fits: isObject }).fits(value['rules']),
}

/** A scan makes no admission decision, so its headline has the outcome instead. */
function headlineOf(verdict: ResourceVerdict | ImageVerdict | ScanVerdict): string {
  const { unmatched, rules, outcome } = verdict
  const admitted = 'admitted' in verdict ? verdict.admitted : undefined
  const decision = admitted === undefined ? '' : admitted ? 'admitted: ' : 'denied: '
  if (unmatched) return `${decision}no policy matches it`
  const worst = rules.find((row) => row.outcome === outcome && outcome !== 'accepted')
  const denial = 'denial' in verdict ? verdict.denial : undefined
  const cause = worst
    ? `${worst.policy}/${worst.rule}: ${oneLine(worst.message)}`
    : oneLine(denial ?? 'a rule does not pass')
  if (admitted && worst) return `admitted, although ${cause}`
  if (outcome === 'inconclusive') return `could not be checked: ${cause}`
  if (outcome === 'accepted' && admitted !== false) return `${decision}${describePassed(rules)}`
  return `${decision || 'rejected: '}${cause}`
}

/** Skipped rules are listed: a skip is not a failure, but not evidence either. */
function describePassed(rules: readonly RuleResult[]): string {
  const skipped = Map.groupBy(
    rules.filter(({ status }) => status === 'skip'),
    ({ policy, rule }) => `${policy}/${rule}`,
  )
  if (skipped.size === 0) return 'every rule passed'
  const each = [...skipped].flatMap(([name, [row]]) => (row ? [`${name} ${describeSkip(row)}`] : []))
  const all = rules.every(({ status }) => status === 'skip')
  return `${all ? 'every rule was skipped' : 'every rule passed or was skipped'}: ${each.join('; ')}`
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

function describeReason({ code, message, path, candidate, expected, actual, difference }: Reason): string {
  return [
    `${code}: ${oneLine(message)}`,
    ...(path === undefined ? [] : [`at ${path}`]),
    ...(candidate === undefined ? [] : [`candidate ${candidate}`]),
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(actual === undefined ? [] : [`got ${actual}`]),
    ...(difference === undefined ? [] : [`stricter than Kyverno: ${difference}`]),
  ].join('; ')
}

function linesOfEvidence(evidence: Evidence): string[] {
  const { notary } = evidence
  const further = notary === undefined ? [] : linesOfNotary(notary)
  return [`    + ${oneLine(describeEvidence(evidence))}`, ...further.map((line) => `        ${oneLine(line)}`)]
}

function describeEvidence(evidence: Evidence): string {
  const { format, signedDigest, signer, times, logIndex, predicateType, unseenByKyverno } = evidence
  return [
    `${format} over ${signedDigest} by ${describeSigner(signer)}`,
    ...(predicateType === undefined ? [] : [`statement ${predicateType}`]),
    ...times.map(({ source, at }) => `${source} ${at}`),
    ...(logIndex === undefined ? [] : [`log index ${logIndex}`]),
    ...(unseenByKyverno === undefined ? [] : ['in a format that Kyverno does not look for']),
  ].join(', ')
}

function describeSigner(signer: Signer): string {
  if (signer.kind === 'key') return `key ${signer.fingerprint} (${signer.algorithm})`
  const names = signer.subjectAltNames.length > 0 ? signer.subjectAltNames.join(', ') : signer.subject
  return `certificate of ${names}, issued by ${signer.issuer}`
}

function linesOfNotary(notary: NotaryEvidence): readonly string[] {
  const { trustPolicy, level, trusted, identity, timestamp, revocation, userMetadata, validations } = notary
  return [
    `trust policy ${trustPolicy}, level ${level}`,
    describeSigning(notary),
    ...(trusted === undefined ? [] : [`trusted by ${trusted.store}: ${trusted.subject} (${trusted.fingerprint})`]),
    ...(identity === undefined ? [] : [`identity ${identity}`]),
    ...(timestamp === undefined ? [] : [`timestamp ${timestamp.at} by ${timestamp.authority}`]),
    ...revocation.map(
      ({ subject, status, source }) =>
        `revocation of ${subject}: ${status}${source === undefined ? '' : ` (${source})`}`,
    ),
    ...Object.entries(userMetadata).map(([name, value]) => `metadata ${name}=${value}`),
    ...validations.flatMap(describeValidation),
  ]
}

function describeSigning({ signingScheme, signingTime, expiry }: NotaryEvidence): string {
  // Under notary.x509 the signing time is an unverified claim of the signer.
  const claimed = signingScheme === 'notary.x509' ? ' as the signer claims' : ''
  return `${signingScheme}, signing time ${signingTime}${claimed}${expiry === undefined ? '' : `, expires ${expiry}`}`
}

/** A validation that was enforced and passed gets no line. */
function describeValidation({ check, action, failure }: NotaryValidation): readonly string[] {
  if (action === 'skip') return [`${check} was not checked`]
  return failure === undefined ? [] : [`${check} FAILED, which is only logged: ${failure.code}: ${failure.message}`]
}

function oneLine(text: string): string {
  return text
    .split(/[\n\r\u2028\u2029]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' / ')
}
