import { createHash } from 'node:crypto'

import type { Credential } from './credentials.ts'
import type { RegistryLimits } from './limits.ts'
import type { Repository } from './repository.ts'

/** What a repository is known to want: a token that was got for it, or the credential itself. */
export type KnownAuthorization = { readonly kind: 'token'; readonly token: string } | { readonly kind: 'credential' }

/** Remembers across sessions which authorization a repository took, so that it need not be challenged anew. */
export interface TokenCache {
  get(key: string): KnownAuthorization | undefined
  set(key: string, known: KnownAuthorization, lifetimeMs: number): void
  delete(key: string): void
}

/** Nothing is used in its last seconds: it may end on the way. */
const MARGIN_MS = 5_000

/**
 * Bounded in number and in age. The age is taken from a clock that only goes forward.
 *
 * The key holds the origin, the repository and a hash of the credential: what one credential got is never shown for
 * another, over another scheme or to another place.
 */
export function createTokenCache(
  { cachedTokens, tokenMs }: RegistryLimits,
  now: () => number = () => performance.now(),
): TokenCache {
  const entries = new Map<string, { readonly known: KnownAuthorization; readonly until: number }>()
  return {
    get(key): KnownAuthorization | undefined {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      if (entry.until > now()) return entry.known
      entries.delete(key)
      return undefined
    },
    set(key, known, lifetimeMs): void {
      entries.delete(key)
      const lifetime = Math.min(lifetimeMs, tokenMs) - MARGIN_MS
      if (lifetime <= 0) return
      const [oldest] = entries.keys()
      if (entries.size >= cachedTokens && oldest !== undefined) entries.delete(oldest)
      entries.set(key, { known, until: now() + lifetime })
    },
    delete(key): void {
      entries.delete(key)
    },
  }
}

export function tokenKey(origin: string, repository: Repository, credential: Credential): string {
  const shown = createHash('sha256')
    .update(JSON.stringify(Object.entries(credential).sort()))
    .digest('base64')
  return `${origin} ${repository.path} ${shown}`
}
