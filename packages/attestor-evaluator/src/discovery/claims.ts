import type { Signer } from '../outcome.ts'

/**
 * What an attachment claims.
 *
 * Nothing in it has been verified. Anyone who may push to the repository can write any of it, including other people's
 * names and times. It helps people to find things and is never a reason to trust an image.
 */
export type AttachmentClaims = CosignSignatureClaims | CosignAttestationClaims | BundleClaims | NotaryClaims

export interface CosignSignatureClaims extends ClaimedParts {
  readonly format: 'cosign-signature'
  /** The repository for which the image is said to be signed. */
  readonly repository?: string
  readonly annotations: Readonly<Record<string, string>>
}

export interface CosignAttestationClaims extends ClaimedParts, ClaimedEnvelope {
  readonly format: 'cosign-attestation'
}

export interface BundleClaims extends ClaimedParts {
  readonly format: 'sigstore-bundle'
  readonly mediaType?: string
  /** The version of the format, for known media types. */
  readonly version?: '0.1' | '0.2' | '0.3'
  readonly content?: { readonly kind: 'message-signature' } | ({ readonly kind: 'envelope' } & ClaimedEnvelope)
}

export interface NotaryClaims extends ClaimedParts {
  readonly format: 'notary-jws' | 'notary-cose'
  readonly payloadType?: string
  readonly signingScheme?: string
  readonly signingTime?: string
  readonly expiry?: string
  /** User metadata. */
  readonly annotations: Readonly<Record<string, string>>
}

/** What all formats share. An absent part is missing, or listed in `unreadable`. */
export interface ClaimedParts {
  readonly subject?: ClaimedSubject
  readonly signer?: ClaimedSigner
  readonly logEntries: readonly ClaimedLogEntry[]
  readonly timestamps: readonly ClaimedTimestamp[]
  readonly unreadable: readonly UnreadablePart[]
}

export interface ClaimedEnvelope {
  readonly payloadType?: string
  /** The predicate type of an in-toto statement. */
  readonly predicateType?: string
}

/** What is said to be signed. */
export interface ClaimedSubject {
  /** Whether one of the digests is that of the image. */
  readonly isThisImage: boolean
  /** The first few digests; `count` counts all. */
  readonly digests: readonly string[]
  readonly count: number
}

export type ClaimedSigner =
  /**
   * A key. `fingerprint` is the SHA-256 of its SubjectPublicKeyInfo in hex, as in evidence, where the log entry or the
   * bundle states it; `hint` is what else a bundle says.
   */
  | { readonly kind: 'key'; readonly fingerprint?: string; readonly hint?: string }
  /** `issuers` were stored with it, nearest first; whether they issued anything is not checked. */
  | {
      readonly kind: 'certificate'
      readonly certificate: ClaimedCertificate
      readonly issuers: readonly ClaimedCertificate[]
    }

export type ClaimedCertificate = Omit<Extract<Signer, { readonly kind: 'certificate' }>, 'kind'>

export interface ClaimedLogEntry {
  readonly logIndex: string
  /** Hex. */
  readonly logId: string
  /** Such as `hashedrekord 0.0.1`. */
  readonly kind: string
  readonly integratedTime?: string
}

/** An RFC 3161 timestamp. */
export interface ClaimedTimestamp {
  readonly at: string
}

export interface UnreadablePart {
  /** `certificate`, `log entry`, … */
  readonly part: string
  readonly code: string
  readonly message: string
}
