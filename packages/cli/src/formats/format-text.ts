import { explain } from '@verify-images/core'
import type { Verified } from './verified.ts'

/** Formats verdicts for a terminal: the reasons of a denial, or the pinned references. */
export function formatText(verified: readonly Verified[], isWhole: boolean): string {
  return [...verified.map((each) => describe(each, isWhole)), ...summaryOf(verified)].join('')
}

function describe({ subject, verdict }: Verified, isWhole: boolean): string {
  const pinned =
    'images' in verdict
      ? verdict.images.flatMap(({ pointer, reference, digest }) =>
          digest === undefined ? [] : [`  ${pointer}: ${reference} is ${digest}`],
        )
      : [`  ${verdict.reference}`]
  return [
    explain(verdict, { subject, depth: isWhole ? 'all' : 'summary' }),
    ...(verdict.admitted ? pinned : []),
    '',
  ].join('\n')
}

/** One line that counts, where there is more than one verdict to count. */
function summaryOf(verified: readonly Verified[]): readonly string[] {
  if (verified.length < 2) return []
  const denied = verified.filter(({ verdict: { admitted, outcome } }) => !admitted && outcome !== 'inconclusive').length
  const unchecked = verified.filter(
    ({ verdict: { admitted, outcome } }) => !admitted && outcome === 'inconclusive',
  ).length
  const admitted = verified.length - denied - unchecked
  return [
    `${String(verified.length)} verified: ${String(admitted)} admitted, ${String(denied)} denied, ${String(unchecked)} not checked\n`,
  ]
}

/** Formats verdicts as Markdown, for a pull-request comment or a step summary. */
export function formatMarkdown(verified: readonly Verified[]): string {
  return verified.map(({ subject, verdict }) => explain(verdict, { subject, format: 'markdown' })).join('\n')
}
