import { MAX_SCOPE_LENGTH } from '../limits.ts'
import type { TrustedIdentity } from './trusted-identity.ts'
import type { Enforcement, LevelName } from './verification-level.ts'

export type TrustStoreType = 'ca' | 'signingAuthority' | 'tsa'

export interface TrustStoreName {
  readonly type: TrustStoreType
  readonly name: string
}

/** One statement of a trust policy document, checked. */
export interface TrustPolicyStatement {
  readonly name: string
  /** Repositories as `host[:port]/path`, or the one scope `*`. */
  readonly registryScopes: readonly string[]
  readonly level: LevelName
  /** The level with its overrides. */
  readonly enforcement: Enforcement
  /** `afterCertExpiry`: a timestamp is required only once a certificate of the signer has expired. */
  readonly verifyTimestamp: 'always' | 'afterCertExpiry'
  readonly trustStores: readonly TrustStoreName[]
  readonly trustedIdentities: readonly TrustedIdentity[]
}

export interface TrustPolicy {
  readonly statements: readonly [TrustPolicyStatement, ...TrustPolicyStatement[]]
}

/**
 * Returns the statement for a repository: the one that names it, or else the one for all. Without one, nothing is
 * trusted.
 *
 * @param repository `host[:port]/path`, as in the scopes; nothing is expanded
 * @see Notary Project, trust store and trust policy: Selecting a trust policy
 */
export function selectStatement({ statements }: TrustPolicy, repository: string): TrustPolicyStatement | undefined {
  const wanted = scopeName(repository)
  return (
    statements.find(({ registryScopes }) => registryScopes.some((scope) => scopeName(scope) === wanted)) ??
    statements.find(({ registryScopes }) => registryScopes.includes('*'))
  )
}

const DOMAIN = /^(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])(?:\.(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))*(?::\d{1,5})?$/i
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/

/** Returns one name for a repository of Docker Hub, which has two hosts; any other repository is unchanged. */
export function scopeName(repository: string): string {
  return repository.replace(/^index\.docker\.io\//, 'docker.io/')
}

/** Returns whether a string is a complete repository without scheme, tag, digest or wildcard: `host[:port]/path`. */
export function isRepositoryScope(text: string): boolean {
  const slash = text.indexOf('/')
  if (slash < 1 || text.length > MAX_SCOPE_LENGTH) return false
  return (
    DOMAIN.test(text.slice(0, slash)) &&
    text
      .slice(slash + 1)
      .split('/')
      .every((component) => PATH_COMPONENT.test(component))
  )
}
