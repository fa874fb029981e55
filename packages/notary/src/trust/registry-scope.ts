import { isRepositoryPath } from '@verify-images/image-matcher'

const domain = /^(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])(?:\.(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))*(?::\d{1,5})?$/i
/** Longer than any repository a registry takes. */
const MAX_LENGTH = 512

/** One name for a repository of Docker Hub, which has two hosts; all others are what they are. */
export function scopeName(repository: string): string {
  return repository.replace(/^index\.docker\.io\//, 'docker.io/')
}

/** Whether a text is a repository in full, without scheme, tag, digest or wildcard: `host[:port]/path`. */
export function isRepositoryScope(text: string): boolean {
  const slash = text.indexOf('/')
  if (slash < 1 || text.length > MAX_LENGTH) return false
  return domain.test(text.slice(0, slash)) && isRepositoryPath(text.slice(slash + 1))
}
