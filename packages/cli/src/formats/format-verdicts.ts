import { dump } from 'js-yaml'
import type { ApplyArguments } from '../arguments.ts'
import { formatGitHub } from './format-github.ts'
import { formatJUnit } from './format-junit.ts'
import { reportOf } from './format-report.ts'
import { formatSarif } from './format-sarif.ts'
import { formatMarkdown, formatText } from './format-text.ts'
import type { Verified } from './verified.ts'

/** Formats verdicts as the command line asks for. */
export function formatVerdicts(
  verified: readonly Verified[],
  { output, explain }: Pick<ApplyArguments, 'output' | 'explain'>,
): string {
  switch (output) {
    case 'text':
      return formatText(verified, explain)
    case 'json':
      return json(document(verified))
    case 'yaml':
      // Through JSON, because a verdict has a method and members that are undefined.
      return dump(JSON.parse(JSON.stringify(document(verified))), { lineWidth: -1 })
    case 'junit':
      return formatJUnit(verified)
    case 'sarif':
      return formatSarif(verified)
    case 'github':
      return formatGitHub(verified)
    case 'markdown':
      return formatMarkdown(verified)
    case 'policyreport':
      return json(reportOf(verified, false))
    case 'openreports':
      return json(reportOf(verified, true))
  }
}

function document(verified: readonly Verified[]): object {
  return { schemaVersion: 1, verdicts: verified.map(({ subject, verdict }) => ({ subject, ...verdict })) }
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
