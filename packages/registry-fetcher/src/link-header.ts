import { MAX_HEADER_LENGTH } from './limits.ts'

/** The target of the `rel="next"` link of a `Link` header, as it is written there. */
export function nextLink(header: string | undefined): string | undefined {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return undefined
  for (const [, target, parameters] of header.matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*"?next"?\s*(?:[;,]|$)/i.test(parameters ?? '')) return target
  }
  return undefined
}
