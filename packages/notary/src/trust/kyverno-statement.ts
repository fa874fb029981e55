import type { TrustPolicyStatement } from './statement.ts'
import { LEVELS } from './verification-level.ts'

/** Name of the trust store that the certificates of an attestor make up. */
export const KYVERNO_STORE = 'ca:kyverno'

/**
 * The trust policy Kyverno verifies by: everything is enforced, for every repository, whoever signed under the
 * certificates of the attestor.
 *
 * @see Kyverno, verifyImages: type Notary
 */
export const KYVERNO_STATEMENT: TrustPolicyStatement = {
  name: 'kyverno',
  registryScopes: ['*'],
  level: 'strict',
  enforcement: LEVELS.strict,
  verifyTimestamp: 'always',
  trustStores: [{ type: 'ca', name: 'kyverno' }],
  trustedIdentities: [{ kind: 'anyone', text: '*' }],
}
