import { parseTrustPolicy } from './trust/parse-trust-policy.ts'
import type { TrustPolicy } from './trust/statement.ts'
import { checkStoresExist, readTrustStores } from './trust/trust-store.ts'
import type { TrustStoreTexts, TrustStores } from './trust/trust-store.ts'

/** A trust policy document and the stores it names, as texts. */
export interface TrustPolicyTexts {
  readonly document: string
  readonly trustStores: TrustStoreTexts
}

/**
 * Reads a trust policy with its stores.
 *
 * @throws NotaryError NOTARY_TRUST_POLICY_INVALID, NOTARY_TRUST_STORE_INVALID
 */
export function readTrust({ document, trustStores }: TrustPolicyTexts): { readonly policy: TrustPolicy; readonly stores: TrustStores } {
  const policy = parseTrustPolicy(document)
  const stores = readTrustStores(trustStores)
  checkStoresExist(policy.statements, stores)
  return { policy, stores }
}
