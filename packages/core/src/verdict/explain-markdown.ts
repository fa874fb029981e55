import {
  headlineOf,
  MAX_REASONS,
  oneLine,
  placeOf,
  refusedImages,
  subjectOf,
  type RefusedImage,
} from './refused-images.ts'
import type { ImageVerdict, ResourceVerdict, ScanVerdict } from './verdict.ts'

/** Formats a verdict as Markdown: a headline, a table of what is wrong, and a table of what was verified. */
export function explainInMarkdown(verdict: ResourceVerdict | ImageVerdict | ScanVerdict): string {
  const refused = refusedImages(verdict)
  const verified = verifiedImages(verdict)
  return [
    `**${escaped(headlineOf(verdict))}**`,
    ...(refused.length === 0
      ? []
      : ['', '| image | outcome | policy | reasons |', '| --- | --- | --- | --- |', ...refused.map(rowOf)]),
    ...(verified.length === 0 ? [] : ['', '| verified image | digest |', '| --- | --- |', ...verified]),
    '',
  ].join('\n')
}

function rowOf(refused: RefusedImage): string {
  const { outcome, reasons, message } = refused
  const causes = reasons
    .slice(0, MAX_REASONS)
    .map(({ code, message: text, path, expected, actual }) =>
      [
        `${code}: ${escaped(text)}`,
        ...(path === undefined ? [] : [`at ${escaped(path)}`]),
        ...(expected === undefined ? [] : [`expected ${escaped(expected)}`]),
        ...(actual === undefined ? [] : [`got ${escaped(actual)}`]),
      ].join('; '),
    )
  const more = reasons.length > MAX_REASONS ? [`and ${String(reasons.length - MAX_REASONS)} more`] : []
  const cell = [...(causes.length === 0 ? [escaped(message)] : causes), ...more].join('<br>')
  return `| ${escaped(subjectOf(refused))} | ${outcome} | ${escaped(placeOf(refused))} | ${cell} |`
}

function verifiedImages(verdict: ResourceVerdict | ImageVerdict | ScanVerdict): readonly string[] {
  if (!('images' in verdict)) return []
  return verdict.images
    .filter(({ verified }) => verified)
    .map(({ reference, digest = '' }) => `| ${escaped(reference)} | ${escaped(digest)} |`)
}

/** Foreign text must not become a link, a mention, an image or another cell. */
function escaped(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_{}[\]()#+!|<>~&]/g, (char) => `&#${String(char.charCodeAt(0))};`)
    .replaceAll('@', '&#64;')
}
