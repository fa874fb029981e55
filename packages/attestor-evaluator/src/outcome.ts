import type { Digest } from './ports.ts'

/** Why something was not accepted, as data: `code` for machines, `message` for people. */
export interface Reason {
  /** UPPER_SNAKE, prefixed by the package it comes from: `ATTESTOR_SIGNATURE_INVALID`, `REGISTRY_TIMEOUT`. */
  readonly code: string
  readonly message: string
  /** Where in the policy: `rules[0].verifyImages[0].attestors[0].entries[1]`. */
  readonly path?: string
  readonly image?: string
  /** Digest of the candidate (signature manifest or layer) that was looked at. */
  readonly candidate?: string
  readonly expected?: string
  readonly found?: string
  /** Set where Kyverno would have accepted: the row of docs/differences.md, such as `S12`. */
  readonly stricter?: string
}

/** `fingerprint` is that of the public key (SHA-256 of its SubjectPublicKeyInfo, hex), with a certificate and without. */
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

export type EvidenceFormat = 'cosign-signature' | 'cosign-attestation' | 'sigstore-bundle' | 'notary-jws' | 'notary-cose'

/** Who signed what, and which clock says when. Only verifying functions make it. */
export interface Evidence {
  readonly format: EvidenceFormat
  readonly signedDigest: Digest
  /** Where the signature was found: digest of the manifest, layer or bundle. */
  readonly artifact: Digest
  readonly signer: Signer
  /** The clocks the signer's certificate was held against; empty for plain keys without a log. */
  readonly times: readonly { readonly source: 'log-promise' | 'log-entry' | 'timestamp-authority' | 'evaluation' | 'signing-authority'; readonly at: string }[]
  readonly logIndex?: string
  readonly predicateType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/**
 * What one check came to. `upstreamText` is the error text that Kyverno would put in its message; nothing is ever
 * decided from it.
 *
 * "Does not hold" (`rejected`) and "could not be told" (`inconclusive`) are different, and neither counts as accepted.
 */
export type Outcome<Accepted> =
  | ({ readonly kind: 'accepted' } & Accepted)
  | { readonly kind: 'rejected'; readonly upstreamText: string; readonly reasons: readonly [Reason, ...Reason[]] }
  | {
    readonly kind: 'inconclusive'
    readonly upstreamText: string
    /** Whether Kyverno's status would be `error` rather than `fail`. */
    readonly networkFault: boolean
    readonly reasons: readonly [Reason, ...Reason[]]
  }
