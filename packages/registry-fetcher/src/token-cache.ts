import { credentialHash } from './credentials.ts'
import type { Credential } from './credentials.ts'
import type { RegistryLimits } from './limits.ts'
import type { Repository } from './repository.ts'

/** What a repository is known to accept: a token that was obtained for it, or the credential itself. */
export type KnownAuthorization = { readonly kind: 'token'; readonly token: string } | { readonly kind: 'credential' }

/** Remembers across sessions which authorization a repository accepted, which saves the challenge. */
export interface TokenCache {
  get(key: string): KnownAuthorization | undefined
  set(key: string, known: KnownAuthorization, lifetimeMs: number): void
  delete(key: string): void
}

/** A token is not used in its last seconds: it may expire on the way. */
const MARGIN_MS = 5_000

/**
 * Returns a cache that is limited in entries and in age, measured by a monotonic clock.
 *
 * The key contains the origin, the repository and a hash of the credential: a token is never sent for another
 * credential, over another scheme or to another host.
 */
export function createTokenCache(
  { cachedTokens, tokenMs }: RegistryLimits,
  now: () => number = () => performance.now(),
): TokenCache {
  const entries = new Map<string, { readonly known: KnownAuthorization; readonly expiresAt: number }>()
  return {
    get(key): KnownAuthorization | undefined {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      if (entry.expiresAt > now()) return entry.known
      entries.delete(key)
      return undefined
    },
    set(key, known, lifetimeMs): void {
      entries.delete(key)
      const lifetime = Math.min(lifetimeMs, tokenMs) - MARGIN_MS
      if (lifetime <= 0) return
      const [oldest] = entries.keys()
      if (entries.size >= cachedTokens && oldest !== undefined) entries.delete(oldest)
      entries.set(key, { known, expiresAt: now() + lifetime })
    },
    delete(key): void {
      entries.delete(key)
    },
  }
}

export function tokenKey(origin: string, repository: Repository, credential: Credential): string {
  return `${origin} ${repository.path} ${credentialHash(credential)}`
}
