import { scopeName } from './registry-scope.ts'
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
  /** `afterCertExpiry`: a timestamp is asked for only once a certificate of the signer has expired. */
  readonly verifyTimestamp: 'always' | 'afterCertExpiry'
  readonly trustStores: readonly TrustStoreName[]
  readonly trustedIdentities: readonly TrustedIdentity[]
}

export interface TrustPolicy {
  readonly statements: readonly [TrustPolicyStatement, ...TrustPolicyStatement[]]
}

/**
 * The statement for a repository: the one that names it, else the one for all. Without any, nothing is trusted.
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
