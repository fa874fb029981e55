import { dump } from 'js-yaml'
import type { ApplyArguments } from '../command-line/arguments.ts'
import { formatGitHub } from './format-github.ts'
import { formatJUnit } from './format-junit.ts'
import { reportOf } from './format-report.ts'
import { formatSarif } from './format-sarif.ts'
import { formatMarkdown, formatText } from './format-text.ts'
import type { Results } from './results.ts'

/** Formats verdicts as the command line asks for. */
export function formatVerdicts(
  results: Results,
  { output, detail }: Pick<ApplyArguments, 'output' | 'detail'>,
  { colors }: { readonly colors: boolean },
): string {
  switch (output) {
    case 'text':
      return formatText(results, { detail, colors })
    case 'json':
      return json(document(results))
    case 'yaml':
      // Through JSON, because a verdict has a method and members that are undefined.
      return dump(JSON.parse(JSON.stringify(document(results))), { lineWidth: -1 })
    case 'junit':
      return formatJUnit(results)
    case 'sarif':
      return formatSarif(results)
    case 'github':
      return formatGitHub(results)
    case 'markdown':
      return formatMarkdown(results)
    case 'policyreport':
      return json(reportOf(results.verified, false))
    case 'openreports':
      return json(reportOf(results.verified, true))
  }
}

function document({ verified, unfinished }: Results): object {
  return {
    schemaVersion: 1,
    verdicts: verified.map(({ subject, verdict }) => ({ subject, ...verdict })),
    ...(unfinished.length === 0 ? {} : { unfinished }),
  }
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
