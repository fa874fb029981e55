import type { RuleReason } from './rule-result.ts'

type Described = Omit<RuleReason, 'candidate'> & { readonly candidate?: RuleReason['candidate'] | undefined }

/** Returns one line: the code, the message, and what else is known of the reason. Every format prints reasons so. */
export function describeReason(reason: Described): string {
  const { code, message, path, source, line, candidate, expected, actual, difference } = reason
  const written = source === undefined || line === undefined ? '' : ` (${source}:${String(line)})`
  return [
    `${code}: ${oneLine(message)}`,
    ...(path === undefined ? [] : [`at ${oneLine(path)}${written}`]),
    ...(candidate === undefined ? [] : [`candidate ${candidate}`]),
    ...(expected === undefined ? [] : [`expected ${oneLine(expected)}`]),
    ...(actual === undefined ? [] : [`got ${oneLine(actual)}`]),
    ...(difference === undefined ? [] : [`stricter than Kyverno: ${difference}`]),
  ].join('; ')
}

/** Candidates that are named where many have the same reason. */
const NAMED_CANDIDATES = 3

/**
 * Returns a line for each different reason. Reasons that differ in their candidate only are one line: an image with
 * twenty signatures of others is not signed by ours for one reason, not for twenty.
 */
export function describeReasons(reasons: readonly RuleReason[]): readonly string[] {
  const alike = Map.groupBy(reasons, (reason) => describeReason({ ...reason, candidate: undefined }))
  return [...alike].flatMap(([text, equal]) => {
    const [first] = equal
    if (first === undefined || equal.length === 1) return first === undefined ? [] : [describeReason(first)]
    const candidates = [...new Set(equal.flatMap(({ candidate = [] }) => candidate))]
    return [`${text}; ${String(equal.length)} times${describeCandidates(candidates)}`]
  })
}

function describeCandidates(candidates: readonly string[]): string {
  if (candidates.length === 0) return ''
  const more = candidates.length - NAMED_CANDIDATES
  return `: ${candidates.slice(0, NAMED_CANDIDATES).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`
}

export function oneLine(text: string): string {
  return text
    .split(/[\n\r\u2028\u2029]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' / ')
}
