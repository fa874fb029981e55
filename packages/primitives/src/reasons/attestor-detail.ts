/** What stopped a signature, attestation or bundle, where code, expected and actual do not say enough. */
export type AttestorDetail =
  | { readonly kind: 'attestor-no-attestors' }
  | { readonly kind: 'attestor-attestation-without-type'; readonly path: string }
  /** `path` is the place of the entry that holds the set, as Kyverno counts. */
  | { readonly kind: 'attestor-malformed-nested-set'; readonly path: string }
  /** A set that does not hold although none of its entries failed. */
  | { readonly kind: 'attestor-too-few-signers' }
  | { readonly kind: 'attestor-statement-missing'; readonly predicateType: string }
  | { readonly kind: 'attestor-predicate-missing' }
  | { readonly kind: 'attestor-conditions-not-evaluated'; readonly problem: string }
  | {
      readonly kind: 'attestor-conditions-not-met'
      readonly image: string
      readonly predicateType: string
      readonly problem: string
    }
  | CosignDetail
  | KeyDetail
  | IdentityDetail
  | SigstoreDetail

/** Of what cosign stores beside an image. */
export type CosignDetail =
  | { readonly kind: 'attestor-no-signatures' }
  | { readonly kind: 'attestor-no-attestations' }
  | { readonly kind: 'attestor-annotations-missing' }
  /** Neither the policy nor the signature brings a key or certificate. */
  | { readonly kind: 'attestor-signer-missing' }
  | { readonly kind: 'attestor-too-many-layers'; readonly count: number; readonly limit: number }
  | { readonly kind: 'attestor-layer-too-large'; readonly size: number; readonly limit: number }
  | { readonly kind: 'attestor-signed-digest-mismatch'; readonly actual: string }
  | { readonly kind: 'attestor-subject-mismatch' }
  | { readonly kind: 'attestor-envelope-payload-type'; readonly actual: string; readonly expected: string }
  | { readonly kind: 'attestor-envelope-unsigned' }
  | { readonly kind: 'attestor-envelope-signatures-invalid' }
  | { readonly kind: 'attestor-log-search-failed'; readonly problem: string }
  /** The log was searched. */
  | { readonly kind: 'attestor-not-in-log' }
  | { readonly kind: 'attestor-sct-missing' }
  | { readonly kind: 'attestor-certificate-unknown-authority' }
  | {
      readonly kind: 'attestor-certificate-not-valid-at'
      /** Whether it is a certificate authority of the signer's certificate. */
      readonly isIssuer: boolean
      readonly clock: 'log-promise' | 'timestamp-authority' | 'evaluation'
      /** Expired, or else not valid yet; `bound` is the end of validity that was passed. Times are RFC 3339. */
      readonly expired: boolean
      readonly bound: string
      readonly at: string
    }
  | { readonly kind: 'attestor-certificate-expired-untimed' }
  | { readonly kind: 'attestor-certificate-chain-too-long'; readonly count: number; readonly limit: number }
  | { readonly kind: 'attestor-repository-name-invalid'; readonly repository: string; readonly problem: string }

/** Of keys and PEM text in a policy. */
export type KeyDetail =
  | { readonly kind: 'attestor-signature-invalid'; readonly key: 'ec' | 'rsa' | 'ed25519' }
  | { readonly kind: 'attestor-signature-algorithm-unknown'; readonly name: string }
  | { readonly kind: 'attestor-pem-invalid'; readonly of: 'public-key' | 'certificate' | 'trust-anchors' }
  | { readonly kind: 'attestor-key-not-resolved'; readonly problem: string }

/** Of the identity in a certificate, and of the requirement for it. */
export type IdentityDetail =
  | {
      readonly kind: 'attestor-identity-mismatch'
      readonly field: 'subject' | 'issuer'
      readonly expected: string
      readonly actual: string
    }
  | {
      readonly kind: 'attestor-extension-mismatch'
      readonly name: string
      readonly expected: string
      readonly actual: string
    }
  | { readonly kind: 'attestor-extension-unknown'; readonly name: string }
  | {
      readonly kind: 'attestor-pattern-invalid'
      readonly field: 'subject' | 'issuer'
      readonly pattern: string
      readonly problem: string
    }

/** Of log entries and bundles. */
export type SigstoreDetail =
  | { readonly kind: 'attestor-log-not-trusted' }
  | { readonly kind: 'attestor-log-entry-of-another-signature' }
  /** An attestor with which no bundle can be verified. */
  | { readonly kind: 'attestor-unusable-for-bundles' }

/** What attestor-evaluator was doing when something inside of it failed. */
export type AttestorStep =
  /** All `attestors` of a `verifyImages` entry. */
  | { readonly kind: 'attestor-verify-signatures'; readonly image: string }
  /** One of the `attestations` of a `verifyImages` entry, against all its attestors. */
  | { readonly kind: 'attestor-verify-attestation'; readonly verifiedCount: number; readonly requiredCount: number }
  | { readonly kind: 'attestor-set' }
  | AttestorEntryStep
  | CosignStep
  | BundleStep

/** One entry of an attestor set; or the set itself, where no entry is concerned. */
export interface AttestorEntryStep {
  readonly kind: 'attestor-entry'
  /** As Kyverno counts: with a leading dot, and several keys of one field as several entries. */
  readonly path: string
  readonly attestor?: 'keys' | 'certificates' | 'keyless'
}

export type CosignStep =
  | { readonly kind: 'attestor-resolve-image'; readonly of: 'signatures' | 'attestations' }
  | {
      readonly kind: 'attestor-verify-candidates'
      readonly of: 'signatures' | 'attestations'
      /** One that failed may be by the required signer: what proves it is lost or changed. */
      readonly unproved?: boolean
    }
  /** Signatures verified, and none is by the right signer: the first `verified` failures. The rest did not verify. */
  | { readonly kind: 'attestor-select-signatures'; readonly verified: number }
  | { readonly kind: 'attestor-match-annotations' }
  /** Attestations verified, and the first of the wanted type is by another signer. */
  | { readonly kind: 'attestor-select-statements' }
  | { readonly kind: 'attestor-verify-certificate' }
  | { readonly kind: 'attestor-validate-certificate-chain' }
  | { readonly kind: 'attestor-load-certificate'; readonly text: string }
  | { readonly kind: 'attestor-load-certificate-chain' }
  | { readonly kind: 'attestor-load-trust-anchors' }
  | {
      readonly kind: 'attestor-load-trust'
      readonly what: 'certificate-authorities' | 'transparency-log-keys' | 'certificate-log-keys'
    }
  /** `reference` names a key that the policy does not write out as PEM. */
  | { readonly kind: 'attestor-load-key'; readonly reference?: string }
  | { readonly kind: 'attestor-verify-log-entry' }

export type BundleStep =
  /** Resolving the image and listing its referrers. */
  | { readonly kind: 'attestor-list-bundles'; readonly image: string }
  | { readonly kind: 'attestor-fetch-bundle'; readonly part: 'manifest' | 'layer' | 'content' }
  | { readonly kind: 'attestor-load-bundle-trust'; readonly image: string }
  /**
   * None of the bundles verified. `firstUnread` is the first failure of a referrer that could not be fetched or parsed.
   */
  | { readonly kind: 'attestor-verify-bundles'; readonly image: string; readonly firstUnread?: number }
