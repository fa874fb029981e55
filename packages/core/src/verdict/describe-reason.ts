import type { Reason } from '@verify-images/attestor-evaluator'

/** Returns one line: the code, the message, and what else is known of the reason. Every format prints reasons so. */
export function describeReason({ code, message, path, candidate, expected, actual, difference }: Reason): string {
  return [
    `${code}: ${oneLine(message)}`,
    ...(path === undefined ? [] : [`at ${oneLine(path)}`]),
    ...(candidate === undefined ? [] : [`candidate ${candidate}`]),
    ...(expected === undefined ? [] : [`expected ${oneLine(expected)}`]),
    ...(actual === undefined ? [] : [`got ${oneLine(actual)}`]),
    ...(difference === undefined ? [] : [`stricter than Kyverno: ${difference}`]),
  ].join('; ')
}

export function oneLine(text: string): string {
  return text
    .split(/[\n\r\u2028\u2029]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' / ')
}
