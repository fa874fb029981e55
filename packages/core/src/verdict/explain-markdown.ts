import { describeReasons, oneLine } from './describe-reason.ts'
import { headlineOf, MAX_REASONS, placeOf, refusedImages, type RefusedImage } from './refused-images.ts'
import type { ImageVerdict, ResourceVerdict, ScanVerdict } from './verdict.ts'

/**
 * Formats a verdict as Markdown: a heading if it has a subject, a headline, a table of what is wrong, and a table of
 * what was verified.
 */
export function explainInMarkdown(verdict: ResourceVerdict | ImageVerdict | ScanVerdict, subject?: string): string {
  const refused = refusedImages(verdict)
  const verified = verifiedImages(verdict)
  return [
    ...(subject === undefined ? [] : [`### ${escapeMarkdown(subject)}`, '']),
    `**${escapeMarkdown(headlineOf(verdict))}**`,
    ...(refused.length === 0
      ? []
      : ['', '| image | outcome | policy | reasons |', '| --- | --- | --- | --- |', ...refused.map(rowOf)]),
    ...(verified.length === 0 ? [] : ['', '| verified image | digest |', '| --- | --- |', ...verified]),
    '',
  ].join('\n')
}

function rowOf(refused: RefusedImage): string {
  const { subject, outcome, reasons, message } = refused
  const all = describeReasons(reasons)
  const causes = all.slice(0, MAX_REASONS).map(escapeMarkdown)
  const more = all.length > MAX_REASONS ? [`and ${String(all.length - MAX_REASONS)} more`] : []
  const cell = [...(causes.length === 0 ? [escapeMarkdown(message)] : causes), ...more].join('<br>')
  return `| ${escapeMarkdown(subject)} | ${outcome} | ${escapeMarkdown(placeOf(refused))} | ${cell} |`
}

function verifiedImages(verdict: ResourceVerdict | ImageVerdict | ScanVerdict): readonly string[] {
  if (!('images' in verdict)) return []
  return verdict.images
    .filter(({ verified }) => verified)
    .map(({ reference, digest = '' }) => `| ${escapeMarkdown(reference)} | ${escapeMarkdown(digest)} |`)
}

/** Escapes foreign text, so that it cannot become a link, a mention, an image or another cell. */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_{}[\]()#+!|<>~&]/g, (char) => `&#${String(char.charCodeAt(0))};`)
    .replaceAll('@', '&#64;')
}
