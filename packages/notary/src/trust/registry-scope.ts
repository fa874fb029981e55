const domain = /^(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])(?:\.(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))*(?::\d{1,5})?$/i
const segment = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
/** Longer than any repository a registry takes. */
const MAX_LENGTH = 512

/** Whether a text is a repository in full, without scheme, tag, digest or wildcard: `host[:port]/path`. */
export function isRepositoryScope(text: string): boolean {
  const slash = text.indexOf('/')
  if (slash < 1 || text.length > MAX_LENGTH) return false
  return domain.test(text.slice(0, slash)) && text.slice(slash + 1).split('/').every((part) => segment.test(part))
}
