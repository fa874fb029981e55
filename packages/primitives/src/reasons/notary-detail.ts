import type { CertificateDetail } from './certificate-detail.ts'

/** What stopped a Notary Project signature or attestation, where code, expected and actual do not say enough. */
export type NotaryDetail =
  | { readonly kind: 'notary-no-signature'; readonly reference: string }
  | { readonly kind: 'notary-no-attestation'; readonly image: string; readonly predicateType: string }
  | { readonly kind: 'notary-too-many-referrers'; readonly limit: number }
  | { readonly kind: 'notary-layer-count'; readonly of: NotaryLayer; readonly count: number }
  | {
      readonly kind: 'notary-layer-too-large'
      readonly of: NotaryLayer
      readonly size: number
      readonly limit: number
      readonly digest: string
    }
  /** The registry returned another manifest than the digest names. */
  | { readonly kind: 'notary-digest-mismatch'; readonly expected: string; readonly actual: string }
  /** The signature is of another artifact. */
  | { readonly kind: 'notary-target-mismatch' }
  | { readonly kind: 'notary-metadata-missing' }
  | { readonly kind: 'notary-signature-invalid'; readonly key: 'ec' | 'rsa' }
  | { readonly kind: 'notary-signature-expired'; readonly expiry: string }
  /** The certificates of the envelope are not a chain that the specification allows. */
  | { readonly kind: 'notary-chain-invalid' }
  /** No certificate of the chain is trusted, or the attestor has no certificates. */
  | { readonly kind: 'notary-chain-untrusted'; readonly trusted: 'none' | 'others' }
  | { readonly kind: 'notary-identity-mismatch'; readonly trustPolicy: string }
  | {
      readonly kind: 'notary-certificate-validity'
      readonly subject: string
      /** Which time it was checked at. */
      readonly clock: 'evaluation' | 'timestamp' | 'signing-authority'
      /** ISO 8601. */
      readonly at: string
      readonly notBefore: string
      readonly notAfter: string
    }
  | { readonly kind: 'notary-timestamp-missing' }
  | { readonly kind: 'notary-timestamp-invalid'; readonly problem: string; readonly certificate?: CertificateDetail }
  | {
      readonly kind: 'notary-certificate-revoked' | 'notary-revocation-unknown'
      readonly role: 'signing' | 'timestamping'
      readonly subject: string
    }
  | { readonly kind: 'notary-trust-policy-missing'; readonly repository: string }
  /** The certificates of the attestor cannot be read. */
  | { readonly kind: 'notary-certificates-invalid'; readonly problem: string }
  | { readonly kind: 'notary-certificates-not-pem' }

/** What a manifest holds in its one layer. */
export type NotaryLayer = 'signature' | 'attestation'

/** What the Notary verifier was doing when something inside of it failed. */
export type NotaryStep =
  | { readonly kind: 'notary-resolve-image'; readonly reference: string }
  | { readonly kind: 'notary-verify-artifact'; readonly reference: string }
  /** Each failure is that of one attestation, in the order of the referrers listing. */
  | { readonly kind: 'notary-verify-attestations' }
  | {
      readonly kind: 'notary-verify-signatures'
      /** Which of the failures, one for each signature, is that it could not be fetched. */
      readonly unfetched?: number
      /** Set to the limit when further signatures were not tried. */
      readonly limit?: number
    }
  | { readonly kind: 'notary-fetch-signature'; readonly signature: string; readonly reference: string }
  | { readonly kind: 'notary-verify-signature'; readonly signature: string }
