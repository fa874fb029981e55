import { arrayOf, aString, isObject, oneOf, type OptionKind, type OptionTable } from '@verify-images/primitives'
import { checkOptions } from '../verifier-error.ts'
import { linesOfEvidence } from './describe-evidence.ts'
import { explainInMarkdown } from './explain-markdown.ts'
import { describeReasons, oneLine } from './describe-reason.ts'
import { headlineOf, MAX_REASONS, nameOfRule, placeOf, refusedImages, type RefusedImage } from './refused-images.ts'
import type { RuleResult } from './rule-result.ts'
import type { ImageVerdict, ResourceVerdict, ScanVerdict } from './verdict.ts'

export interface ExplainOptions {
  /**
   * `summary` (default) is a headline and, for each image that is not accepted, the reasons. `all` is the whole tree:
   * every row, its evidence, and every candidate with the check that stopped it.
   */
  readonly depth?: 'summary' | 'all'
  /** `markdown` fits a pull-request comment or a step summary, and has one depth. Default: `text`. */
  readonly format?: 'text' | 'markdown'
  /** What was verified, such as `Pod default/app`: stands before the headline of a text, and above it in Markdown. */
  readonly subject?: string
}

const explainOptions: OptionTable<ExplainOptions> = {
  depth: oneOf('summary', 'all'),
  format: oneOf('text', 'markdown'),
  subject: aString,
}

/**
 * Formats a verdict for people.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID
 */
export function explain(verdict: ResourceVerdict | ImageVerdict | ScanVerdict, options: ExplainOptions = {}): string {
  checkOptions(options, explainOptions)
  checkOptions({ verdict }, { verdict: aVerdict }, { required: ['verdict'] })
  const { format, subject } = options
  if (format === 'markdown') return explainInMarkdown(verdict, subject)
  const headline = `${subject === undefined ? '' : `${oneLine(subject)}: `}${headlineOf(verdict)}`
  if (options.depth === 'all') return [headline, ...verdict.rules.flatMap(linesOfRow)].join('\n')
  return [headline, ...refusedImages(verdict).flatMap(linesOfRefused)].join('\n')
}

const aVerdict: OptionKind = {
  expected: 'a verdict returned by an image verifier',
  fits: (value) => isObject(value) && arrayOf({ expected: '', fits: isObject }).fits(value['rules']),
}

function linesOfRefused(refused: RefusedImage): readonly string[] {
  const { subject, outcome, reasons, message } = refused
  const causes = describeReasons(reasons)
  const verb = outcome === 'inconclusive' ? 'could not be checked' : 'is rejected'
  return [
    `  ${subject} ${verb} by ${placeOf(refused)}`,
    ...causes.slice(0, MAX_REASONS).map((cause) => `    - ${cause}`),
    ...(causes.length > MAX_REASONS ? [`    - and ${String(causes.length - MAX_REASONS)} more`] : []),
    `    Kyverno: ${oneLine(message)}`,
  ]
}

function linesOfRow(row: RuleResult): readonly string[] {
  return [
    `  ${row.phase} ${nameOfRule(row)}: ${row.status} (${row.outcome}) ${oneLine(row.message)}`,
    ...row.evidence.flatMap(linesOfEvidence),
    ...describeReasons(row.reasons).map((reason) => `    - ${reason}`),
  ]
}
