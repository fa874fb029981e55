import type { Signer } from '../outcome.ts'

/**
 * What an attachment says of itself.
 *
 * Nothing in it has been verified. Whoever may push to the repository can write any of it, other people's names and
 * times included; it tells people what to look for, and is never a reason to trust an image.
 */
export type AttachmentClaims = CosignSignatureClaims | CosignAttestationClaims | BundleClaims | NotaryClaims

export interface CosignSignatureClaims extends ClaimedParts {
  readonly format: 'cosign-signature'
  /** The repository that the image is said to have been signed in. */
  readonly repository?: string
  readonly annotations: Readonly<Record<string, string>>
}

export interface CosignAttestationClaims extends ClaimedParts, ClaimedEnvelope {
  readonly format: 'cosign-attestation'
}

export interface BundleClaims extends ClaimedParts {
  readonly format: 'sigstore-bundle'
  readonly mediaType?: string
  /** Of the format, where the media type names one that is known. */
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

/** What every form has. A part that is absent is not there, or is named in `unreadable`. */
export interface ClaimedParts {
  readonly subject?: ClaimedSubject
  readonly signer?: ClaimedSigner
  readonly logEntries: readonly ClaimedLogEntry[]
  readonly timestamps: readonly ClaimedTimestamp[]
  readonly unreadable: readonly UnreadablePart[]
}

export interface ClaimedEnvelope {
  readonly payloadType?: string
  /** Of an in-toto statement. */
  readonly predicateType?: string
}

/** What the signer is said to have signed. */
export interface ClaimedSubject {
  /** Whether one of the digests is that of the image. */
  readonly isThisImage: boolean
  /** The first few. */
  readonly digests: readonly string[]
  readonly count: number
}

export type ClaimedSigner =
  /** Some key; which one only the policy knows. `hint` is for people. */
  | { readonly kind: 'key'; readonly hint?: string }
  /** `issuers` came along, nearest first; whether they issued anything has not been looked at. */
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
