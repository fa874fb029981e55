/** Returns the RFC 6901 pointer for a path. */
export function toPointer(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Returns Kyverno's pointer for a path. It is not escaped, so a key with a slash looks like two keys. */
export function toKyvernoPointer(path: readonly string[]): string {
  return `/${path.slice(0, -1).join('/')}/${path.at(-1) ?? ''}`
}
