import type { PublicKey } from '@verify-images/x509'
import type { Digest } from '../ports.ts'
import type { HashName } from '../sigstore/signature-algorithm.ts'
import type { TrustMaterial } from '../sigstore/trust-material.ts'

/** A key a policy names, and how signatures by it are made. */
export interface BundleKey {
  readonly publicKey: PublicKey
  readonly hash: HashName
  /** Whether Ed25519ph counts beside Ed25519: newer clients write it, and upstream does not take it. */
  readonly acceptPrehashed: boolean
}

/** Everything one verification of a bundle depends on, save who the signer has to be. */
export interface BundleVerification {
  readonly digest: Digest
  /** The bytes that hash to the digest; needed for message signatures only. */
  readonly artifact?: Uint8Array
  readonly trust: TrustMaterial
  /** The key that has to have signed; without one it must be a certificate. */
  readonly key?: BundleKey
  readonly requiredLogs: number
  readonly observedTimeRequired: boolean
  readonly timestampRequired: boolean
  readonly certificateLogRequired: boolean
  readonly now: Date
}
