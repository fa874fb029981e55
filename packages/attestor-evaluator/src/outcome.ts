import type { Digest, Reason } from '@verify-images/primitives'
import type { TrustOrigin } from './sigstore/trust-material.ts'

export type { Failure, Outcome, Reason, Refusal } from '@verify-images/primitives'

/**
 * `fingerprint` is that of the public key (SHA-256 of its SubjectPublicKeyInfo, hex), with a certificate and without.
 */
export type Signer =
  | { readonly kind: 'key'; readonly fingerprint: string; readonly algorithm: string }
  | {
      readonly kind: 'certificate'
      readonly fingerprint: string
      readonly subject: string
      readonly issuer: string
      readonly serialNumber: string
      readonly notBefore: string
      readonly notAfter: string
      readonly subjectAltNames: readonly string[]
      /** Fulcio's claims by name (`oidcIssuer`, `githubWorkflowRef`, …). */
      readonly claims: Readonly<Record<string, string>>
    }

export type EvidenceFormat =
  'cosign-signature' | 'cosign-attestation' | 'sigstore-bundle' | 'notary-jws' | 'notary-cose'

/** Who signed what, and which clock says when. Only verifying functions make it. */
export interface Evidence {
  readonly format: EvidenceFormat
  readonly signedDigest: Digest
  /** Where the signature was found: digest of the manifest, layer or bundle. */
  readonly artifact: Digest
  readonly signer: Signer
  /** The clocks the signer's certificate was held against; empty for plain keys without a log. */
  readonly times: readonly {
    readonly source: 'log-promise' | 'log-entry' | 'timestamp-authority' | 'evaluation' | 'signing-authority'
    readonly at: string
  }[]
  /** Of the log entry, where an inclusion promise signs it or an inclusion proof is for it. */
  readonly logIndex?: string
  readonly predicateType?: string
  readonly annotations?: Readonly<Record<string, string>>
  /** The fallback tag listed it: the registry has no referrers API, or its API lists nothing. */
  readonly listedAt?: 'fallback-tag'
  /**
   * Kyverno looks only for signatures in the form of the rule's type; this one has another. See the option `discovery`.
   */
  readonly unseenByKyverno?: true
  /** The age of the Sigstore trust root, where a part of it was used: a key without a log needs none. */
  readonly trustRoot?: TrustOrigin
  /** For signatures of the Notary Project. */
  readonly notary?: NotaryEvidence
}

/** One of the five validations of a Notary Project signature, and what the trust policy wants done when it fails. */
export interface NotaryValidation {
  readonly check: 'integrity' | 'authenticity' | 'authenticTimestamp' | 'expiry' | 'revocation'
  readonly action: 'enforce' | 'log' | 'skip'
  /** Why it failed, where a failure is only to be logged. */
  readonly failure?: Reason
}

/** What is known of a Notary Project signature beside its signer, and how it was held against the trust policy. */
export interface NotaryEvidence {
  /** Name of the statement, and its level; `kyverno` and `strict` without a trust policy. */
  readonly trustPolicy: string
  readonly level: string
  readonly signingScheme: 'notary.x509' | 'notary.x509.signingAuthority'
  /** As the signer claims it: not verified under `notary.x509`. */
  readonly signingTime: string
  readonly expiry?: string
  /** From the signer to the root. `fingerprint` is the SHA-256 of the certificate, hex. */
  readonly chain: readonly {
    readonly subject: string
    readonly fingerprint: string
    readonly notBefore: string
    readonly notAfter: string
  }[]
  /** The certificate of the chain that is in a trust store, such as `ca:acme`. */
  readonly trusted?: { readonly store: string; readonly subject: string; readonly fingerprint: string }
  /** The trusted identity that the signer matched, as the trust policy writes it. */
  readonly identity?: string
  readonly timestamp?: { readonly at: string; readonly authority: string }
  /** One answer for each certificate below a root, of the signer and then of the timestamp authority. */
  readonly revocation: readonly {
    readonly subject: string
    readonly status: 'good' | 'revoked' | 'unknown' | 'not-revocable'
    readonly source?: string
  }[]
  readonly userMetadata: Readonly<Record<string, string>>
  readonly validations: readonly NotaryValidation[]
}
