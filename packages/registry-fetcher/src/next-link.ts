import { MAX_HEADER_LENGTH } from './limits.ts'

/** Returns the target of the `rel="next"` link of a `Link` header, as it is written there. @see RFC 8288, section 3 */
export function nextLink(header: string | undefined): string | undefined {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return undefined
  for (const [, target, parameters] of header.matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*"?next"?\s*(?:[;,]|$)/i.test(parameters ?? '')) return target
  }
  return undefined
}

/** Returns the URL of the next page if it belongs to the same listing. */
export function nextPage(link: string, current: URL, first: URL): URL | undefined {
  const url = link === '' ? null : URL.parse(link, current.href)
  return url !== null &&
    url.origin === first.origin &&
    url.pathname === first.pathname &&
    url.username === '' &&
    url.password === ''
    ? url
    : undefined
}
