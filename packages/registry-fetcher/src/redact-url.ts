/**
 * Query parameters of the registry protocol; the values of all others may be secrets, such as those of a signed link.
 */
const PUBLIC_PARAMETERS: ReadonlySet<string> = new Set(['scope', 'service', 'n', 'last'])

/**
 * Returns a copy of the URL without user name and password, and with the values of unknown query parameters redacted.
 */
export function redactUrl(url: URL): URL {
  const copy = new URL(url)
  copy.username = ''
  copy.password = ''
  const parameters = [...copy.searchParams].map(([key, value]): [string, string] => [
    key,
    PUBLIC_PARAMETERS.has(key) ? value : 'REDACTED',
  ])
  copy.search = new URLSearchParams(parameters.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))).toString()
  return copy
}
