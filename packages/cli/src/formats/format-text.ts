import { escapeMarkdown, explain } from '@verify-images/core'
import { styleText } from 'node:util'
import type { Detail } from '../command-line/arguments.ts'
import { printable } from '../printable.ts'
import { describeUnfinished, type Results, type Verified } from './results.ts'

/**
 * Formats verdicts for a terminal: what stands in the way, or the pinned references. Control characters of foreign text
 * are escaped here, because colours are control characters, too.
 */
export function formatText(
  { verified, unfinished }: Results,
  { detail, colors }: { readonly detail: Detail; readonly colors: boolean },
): string {
  const shown = detail === 'quiet' ? verified.filter(({ verdict }) => !verdict.admitted) : verified
  const lines = [
    ...shown.map((each) => describe(each, detail)),
    ...unfinished.map((each) => `${each.subject}: ${describeUnfinished(each)}\n`),
    ...(detail === 'quiet' ? [] : summaryOf({ verified, unfinished })),
  ]
  return lines.map((text) => (colors ? painted(printable(text)) : printable(text))).join('')
}

function describe({ subject, verdict, ms }: Verified, detail: Detail): string {
  const pinned =
    'images' in verdict
      ? verdict.images.flatMap(({ pointer, reference, digest }) =>
          digest === undefined ? [] : [`  ${pointer}: ${reference} is ${digest}`],
        )
      : [`  ${verdict.reference}`]
  const isWhole = detail === 'all' || detail === 'verbose'
  return [
    explain(verdict, { subject, depth: isWhole ? 'all' : 'summary' }),
    ...(verdict.admitted && detail !== 'quiet' ? pinned : []),
    ...(detail === 'verbose' ? [costOf(verdict, ms)] : []),
    '',
  ].join('\n')
}

function costOf({ requests }: Verified['verdict'], ms: number): string {
  const hosts = Object.entries(requests.byHost).map(([host, count]) => `${host} ${String(count)}`)
  const each = hosts.length === 0 ? '' : ` (${hosts.join(', ')})`
  return `  requests: ${String(requests.total)}${each}; ${(ms / 1000).toFixed(2)} s`
}

/** Returns a line that counts the subjects; none for a single one. */
function summaryOf({ verified, unfinished }: Results): readonly string[] {
  if (verified.length + unfinished.length < 2) return []
  const refused = verified.filter(({ verdict: { admitted } }) => !admitted)
  const unchecked = refused.filter(({ verdict: { outcome } }) => outcome === 'inconclusive').length
  const counts = [
    `${String(verified.length - refused.length)} admitted`,
    `${String(refused.length - unchecked)} denied`,
    `${String(unchecked)} not checked`,
  ].join(', ')
  const rest =
    unfinished.length === 0 ? '' : `; ${String(unfinished.length)} not verified, so this is not the whole result`
  return [`${String(verified.length)} verified: ${counts}${rest}\n`]
}

const COLORS = [
  [/^(.*?: )(admitted)/, 'green'],
  [/^(.*?: )(denied)/, 'red'],
  [/^(.*?: )(could not be checked|not verified)/, 'yellow'],
] as const

function painted(text: string): string {
  const [pattern, color] = COLORS.find(([each]) => each.test(text)) ?? []
  if (pattern === undefined || color === undefined) return text
  return text.replace(
    pattern,
    (_, before: string, decision: string) => `${before}${styleText(color, decision, { validateStream: false })}`,
  )
}

/** Formats verdicts as Markdown, for a pull-request comment or a step summary. */
export function formatMarkdown({ verified, unfinished }: Results): string {
  return [
    ...verified.map(({ subject, verdict }) => explain(verdict, { subject, format: 'markdown' })),
    ...unfinished.map((each) => `### ${escapeMarkdown(each.subject)}\n\n**${describeUnfinished(each)}**\n`),
  ].join('\n')
}
