import { anything, aString } from '@verify-images/primitives'
import type { OptionKind, OptionTable } from '@verify-images/primitives'
import { checkOptions } from './notary-error.ts'
import { parseTrustPolicy } from './trust/parse-trust-policy.ts'
import type { TrustPolicy } from './trust/statement.ts'
import { checkStoresExist, readTrustStores } from './trust/trust-store.ts'
import type { TrustStores, TrustStoreTexts } from './trust/trust-store.ts'

/** A trust policy document as JSON text, and the trust stores that it names. */
export interface TrustPolicyTexts {
  readonly document: string
  readonly trustStores: TrustStoreTexts
}

const namedTexts: OptionKind = {
  expected: 'an object of PEM strings, or arrays of them, by the name of the store',
  fits: (value) => typeof value === 'object' && value !== null && Object.values(value).flat().every(aString.fits),
}
const trustStoreTexts: OptionTable<TrustStoreTexts> = { ca: namedTexts, signingAuthority: namedTexts, tsa: namedTexts }
const trustPolicyTexts: OptionTable<TrustPolicyTexts> = { document: aString, trustStores: anything }

/**
 * Parses a trust policy with its stores.
 *
 * @throws NotaryError NOTARY_OPTIONS_INVALID, NOTARY_TRUST_POLICY_INVALID, NOTARY_TRUST_STORE_INVALID
 */
export function readTrust(texts: TrustPolicyTexts): { readonly policy: TrustPolicy; readonly stores: TrustStores } {
  checkOptions(texts, trustPolicyTexts, { path: 'trustPolicy', required: ['document'] })
  checkOptions(texts.trustStores, trustStoreTexts, { path: 'trustPolicy.trustStores' })
  const policy = parseTrustPolicy(texts.document)
  const stores = readTrustStores(texts.trustStores)
  checkStoresExist(policy.statements, stores)
  return { policy, stores }
}
