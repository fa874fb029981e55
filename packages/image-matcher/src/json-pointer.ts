/** The RFC 6901 pointer to a place in a document. */
export function toPointer(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** How Kyverno writes the same place: it does not escape, so keys with a slash look like two. */
export function toUpstreamPointer(path: readonly string[]): string {
  return `/${path.slice(0, -1).join('/')}/${path.at(-1) ?? ''}`
}
